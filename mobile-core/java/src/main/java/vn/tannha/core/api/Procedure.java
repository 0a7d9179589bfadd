// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class Procedure {
  public final ProcedureLine line;
  public final PostalAnswer resultByPost;
  public final boolean presenceRequired;
  public final String result;
  public final String decision;
  public final List<TimeLimit> times;
  /** Null: there is none. */
  public final Fee fee;
  public final List<DocumentLine> documents;

  public Procedure(JSONObject json) throws JSONException {
    line = new ProcedureLine(json.getJSONObject("line"));
    resultByPost = PostalAnswer.of(json.getString("resultByPost"));
    presenceRequired = json.getBoolean("presenceRequired");
    result = json.getString("result");
    decision = json.getString("decision");
    times = Json.list(json, "times", (all, i) -> new TimeLimit(all.getJSONObject(i)));
    fee = json.has("fee") ? new Fee(json.getJSONObject("fee")) : null;
    documents = Json.list(json, "documents", (all, i) -> new DocumentLine(all.getJSONObject(i)));
  }
}
