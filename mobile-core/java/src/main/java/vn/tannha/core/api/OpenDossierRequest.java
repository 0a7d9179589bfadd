// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class OpenDossierRequest extends Request<Written> {
  /** Null: there is none. */
  public final String dossier;
  public final String procedure;
  public final ServiceKind service;
  /** Null: there is none. */
  public final String case_;

  public OpenDossierRequest(String dossier, String procedure, ServiceKind service, String case_) {
    this.dossier = dossier;
    this.procedure = procedure;
    this.service = service;
    this.case_ = case_;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "openDossier");
    if (dossier != null) json.put("dossier", dossier);
    json.put("procedure", procedure);
    json.put("service", service.word);
    if (case_ != null) json.put("case", case_);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
