// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class FinishRequest extends Request<Written> {
  public final String dossier;
  public final String result;

  public FinishRequest(String dossier, String result) {
    this.dossier = dossier;
    this.result = result;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "finish");
    json.put("dossier", dossier);
    json.put("result", result);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
