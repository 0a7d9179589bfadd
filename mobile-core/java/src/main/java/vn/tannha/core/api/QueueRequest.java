// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class QueueRequest extends Request<DossierList> {
  public QueueRequest() {}

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "queue");
    return json;
  }

  @Override
  public DossierList answer(JSONObject json) throws JSONException {
    return new DossierList(json);
  }
}
