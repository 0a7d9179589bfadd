// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ConfirmByCodeRequest extends Request<Written> {
  public final String dossier;
  public final String code;

  public ConfirmByCodeRequest(String dossier, String code) {
    this.dossier = dossier;
    this.code = code;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "confirmByCode");
    json.put("dossier", dossier);
    json.put("code", code);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
