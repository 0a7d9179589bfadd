// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class AdjudicateRequest extends Request<Written> {
  public final String held;
  public final Outcome outcome;
  public final String reason;

  public AdjudicateRequest(String held, Outcome outcome, String reason) {
    this.held = held;
    this.outcome = outcome;
    this.reason = reason;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "adjudicate");
    json.put("held", held);
    json.put("outcome", outcome.word);
    json.put("reason", reason);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
