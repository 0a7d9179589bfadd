// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class DossierRequest extends Request<Dossier> {
  public final String dossier;

  public DossierRequest(String dossier) {
    this.dossier = dossier;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "dossier");
    json.put("dossier", dossier);
    return json;
  }

  @Override
  public Dossier answer(JSONObject json) throws JSONException {
    return new Dossier(json);
  }
}
