// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

public final class AcceptHandoverRequest extends Request<Written> {
  public final String offer;
  public final List<String> missing;

  public AcceptHandoverRequest(String offer, List<String> missing) {
    this.offer = offer;
    this.missing = Json.copy(missing);
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "acceptHandover");
    json.put("offer", offer);
    json.put("missing", new JSONArray(missing));
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
