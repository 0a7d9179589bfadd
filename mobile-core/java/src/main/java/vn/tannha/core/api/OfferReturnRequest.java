// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

public final class OfferReturnRequest extends Request<Written> {
  public final List<String> dossiers;

  public OfferReturnRequest(List<String> dossiers) {
    this.dossiers = Json.copy(dossiers);
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "offerReturn");
    json.put("dossiers", new JSONArray(dossiers));
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
