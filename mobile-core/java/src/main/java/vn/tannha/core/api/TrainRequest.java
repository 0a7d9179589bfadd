// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class TrainRequest extends Request<Done> {
  public TrainRequest() {}

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "train");
    return json;
  }

  @Override
  public Done answer(JSONObject json) throws JSONException {
    return new Done(json);
  }
}
