// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ProceduresRequest extends Request<ProcedureList> {
  public final String text;
  public final long limit;

  public ProceduresRequest(String text, long limit) {
    this.text = text;
    this.limit = limit;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "procedures");
    json.put("text", text);
    json.put("limit", limit);
    return json;
  }

  @Override
  public ProcedureList answer(JSONObject json) throws JSONException {
    return new ProcedureList(json);
  }
}
