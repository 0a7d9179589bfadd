// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class CheckDocumentRequest extends Request<Written> {
  public final String dossier;
  public final DocumentCount count;

  public CheckDocumentRequest(String dossier, DocumentCount count) {
    this.dossier = dossier;
    this.count = count;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "checkDocument");
    json.put("dossier", dossier);
    json.put("count", count.toJson());
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
