// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class HoldFilesRequest extends Request<Done> {
  public final boolean hold;

  public HoldFilesRequest(boolean hold) {
    this.hold = hold;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "holdFiles");
    json.put("hold", hold);
    return json;
  }

  @Override
  public Done answer(JSONObject json) throws JSONException {
    return new Done(json);
  }
}
