// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ScanCardRequest extends Request<Scanned> {
  public final String dossier;
  public final String text;

  public ScanCardRequest(String dossier, String text) {
    this.dossier = dossier;
    this.text = text;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "scanCard");
    json.put("dossier", dossier);
    json.put("text", text);
    return json;
  }

  @Override
  public Scanned answer(JSONObject json) throws JSONException {
    return new Scanned(json);
  }
}
