// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class LiveRequest extends Request<Live> {
  public LiveRequest() {}

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "live");
    return json;
  }

  @Override
  public Live answer(JSONObject json) throws JSONException {
    return new Live(json);
  }
}
