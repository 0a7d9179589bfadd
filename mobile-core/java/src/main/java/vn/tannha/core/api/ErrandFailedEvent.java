// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ErrandFailedEvent extends Event {
  /** Null: there is none. */
  public final String dossier;
  /** Null: there is none. */
  public final String hash;
  public final ErrorInfo error;

  public ErrandFailedEvent(JSONObject json) throws JSONException {
    dossier = json.has("dossier") ? json.getString("dossier") : null;
    hash = json.has("hash") ? json.getString("hash") : null;
    error = new ErrorInfo(json.getJSONObject("error"));
  }
}
