// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ProcedureRequest extends Request<Procedure> {
  public final String code;

  public ProcedureRequest(String code) {
    this.code = code;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "procedure");
    json.put("code", code);
    return json;
  }

  @Override
  public Procedure answer(JSONObject json) throws JSONException {
    return new Procedure(json);
  }
}
