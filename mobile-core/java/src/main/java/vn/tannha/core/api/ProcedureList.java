// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class ProcedureList {
  public final List<ProcedureLine> procedures;

  public ProcedureList(JSONObject json) throws JSONException {
    procedures = Json.list(json, "procedures", (all, i) -> new ProcedureLine(all.getJSONObject(i)));
  }
}
