// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SupplementRequest extends Request<Written> {
  public final String dossier;
  public final String text;

  public SupplementRequest(String dossier, String text) {
    this.dossier = dossier;
    this.text = text;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "supplement");
    json.put("dossier", dossier);
    json.put("text", text);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
