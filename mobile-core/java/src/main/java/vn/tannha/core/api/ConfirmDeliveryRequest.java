// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ConfirmDeliveryRequest extends Request<Written> {
  public final String delivered;

  public ConfirmDeliveryRequest(String delivered) {
    this.delivered = delivered;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "confirmDelivery");
    json.put("delivered", delivered);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
