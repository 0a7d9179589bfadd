// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class AssignRequest extends Request<Written> {
  public final String dossier;
  public final String courier;

  public AssignRequest(String dossier, String courier) {
    this.dossier = dossier;
    this.courier = courier;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "assign");
    json.put("dossier", dossier);
    json.put("courier", courier);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
