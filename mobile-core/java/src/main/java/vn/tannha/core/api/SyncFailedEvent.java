// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SyncFailedEvent extends Event {
  public final ErrorInfo error;
  /** Null: there is none. */
  public final Long nextTryMs;

  public SyncFailedEvent(JSONObject json) throws JSONException {
    error = new ErrorInfo(json.getJSONObject("error"));
    nextTryMs = json.has("nextTryMs") ? json.getLong("nextTryMs") : null;
  }
}
