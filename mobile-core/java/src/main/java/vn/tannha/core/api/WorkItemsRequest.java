// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class WorkItemsRequest extends Request<WorkItems> {
  public WorkItemsRequest() {}

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "workItems");
    return json;
  }

  @Override
  public WorkItems answer(JSONObject json) throws JSONException {
    return new WorkItems(json);
  }
}
