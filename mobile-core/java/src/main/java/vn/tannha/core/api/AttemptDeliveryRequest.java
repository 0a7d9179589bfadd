// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class AttemptDeliveryRequest extends Request<Written> {
  public final String dossier;
  public final String reason;

  public AttemptDeliveryRequest(String dossier, String reason) {
    this.dossier = dossier;
    this.reason = reason;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "attemptDelivery");
    json.put("dossier", dossier);
    json.put("reason", reason);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
