// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class TouchRequest extends Request<Done> {
  public TouchRequest() {}

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "touch");
    return json;
  }

  @Override
  public Done answer(JSONObject json) throws JSONException {
    return new Done(json);
  }
}
