// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class RateRequest extends Request<Written> {
  public final String dossier;
  public final long satisfaction;
  public final String text;

  public RateRequest(String dossier, long satisfaction, String text) {
    this.dossier = dossier;
    this.satisfaction = satisfaction;
    this.text = text;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "rate");
    json.put("dossier", dossier);
    json.put("satisfaction", satisfaction);
    json.put("text", text);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
