// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SealRequest extends Request<Written> {
  public final String dossier;
  public final String sealNo;

  public SealRequest(String dossier, String sealNo) {
    this.dossier = dossier;
    this.sealNo = sealNo;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "seal");
    json.put("dossier", dossier);
    json.put("sealNo", sealNo);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
