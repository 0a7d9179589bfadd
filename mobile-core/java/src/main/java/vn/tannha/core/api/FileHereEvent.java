// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class FileHereEvent extends Event {
  public final String hash;

  public FileHereEvent(JSONObject json) throws JSONException {
    hash = json.getString("hash");
  }
}
