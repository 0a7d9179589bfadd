// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Where {
  public final long here;
  public final long received;
  public final long accepted;
  public final long held;
  public final long refused;
  public final long filesHere;
  /** Null: there is none. */
  public final ErrorInfo why;

  public Where(JSONObject json) throws JSONException {
    here = json.getLong("here");
    received = json.getLong("received");
    accepted = json.getLong("accepted");
    held = json.getLong("held");
    refused = json.getLong("refused");
    filesHere = json.getLong("filesHere");
    why = json.has("why") ? new ErrorInfo(json.getJSONObject("why")) : null;
  }
}
