// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class WorkItems {
  public final List<WorkItem> items;

  public WorkItems(JSONObject json) throws JSONException {
    items = Json.list(json, "items", (all, i) -> new WorkItem(all.getJSONObject(i)));
  }
}
