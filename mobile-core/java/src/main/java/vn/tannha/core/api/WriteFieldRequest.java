// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class WriteFieldRequest extends Request<Written> {
  public final String dossier;
  public final String field;
  public final String value;

  public WriteFieldRequest(String dossier, String field, String value) {
    this.dossier = dossier;
    this.field = field;
    this.value = value;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "writeField");
    json.put("dossier", dossier);
    json.put("field", field);
    json.put("value", value);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
