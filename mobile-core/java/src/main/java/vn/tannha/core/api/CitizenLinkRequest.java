// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class CitizenLinkRequest extends Request<Done> {
  public final String dossier;

  public CitizenLinkRequest(String dossier) {
    this.dossier = dossier;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "citizenLink");
    json.put("dossier", dossier);
    return json;
  }

  @Override
  public Done answer(JSONObject json) throws JSONException {
    return new Done(json);
  }
}
