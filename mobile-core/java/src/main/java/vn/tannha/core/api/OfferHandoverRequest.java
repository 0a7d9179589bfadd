// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

public final class OfferHandoverRequest extends Request<Written> {
  public final String unit;
  public final List<String> dossiers;

  public OfferHandoverRequest(String unit, List<String> dossiers) {
    this.unit = unit;
    this.dossiers = Json.copy(dossiers);
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "offerHandover");
    json.put("unit", unit);
    json.put("dossiers", new JSONArray(dossiers));
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
