// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SyncHead {
  public final long call;
  public final long status;
  /** Null: there is none. */
  public final Long retryAfterS;

  public SyncHead(long call, long status, Long retryAfterS) {
    this.call = call;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }

  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("call", call);
    json.put("status", status);
    if (retryAfterS != null) json.put("retryAfterS", retryAfterS);
    return json;
  }
}
