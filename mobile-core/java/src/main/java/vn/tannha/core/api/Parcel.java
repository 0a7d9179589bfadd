// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Parcel {
  public final String text;

  public Parcel(JSONObject json) throws JSONException {
    text = json.getString("text");
  }
}
