// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class StatusRequest extends Request<Status> {
  public StatusRequest() {}

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "status");
    return json;
  }

  @Override
  public Status answer(JSONObject json) throws JSONException {
    return new Status(json);
  }
}
