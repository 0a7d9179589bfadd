// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

public final class RequestSupplementRequest extends Request<Written> {
  public final String dossier;
  public final List<String> items;
  public final String reason;

  public RequestSupplementRequest(String dossier, List<String> items, String reason) {
    this.dossier = dossier;
    this.items = Json.copy(items);
    this.reason = reason;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "requestSupplement");
    json.put("dossier", dossier);
    json.put("items", new JSONArray(items));
    json.put("reason", reason);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
