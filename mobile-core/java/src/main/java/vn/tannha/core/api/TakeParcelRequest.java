// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class TakeParcelRequest extends Request<Taken> {
  public final String text;

  public TakeParcelRequest(String text) {
    this.text = text;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "takeParcel");
    json.put("text", text);
    return json;
  }

  @Override
  public Taken answer(JSONObject json) throws JSONException {
    return new Taken(json);
  }
}
