// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class WorkItem {
  public final String dossier;
  public final RecordView record;
  public final long officersNeeded;

  public WorkItem(JSONObject json) throws JSONException {
    dossier = json.getString("dossier");
    record = new RecordView(json.getJSONObject("record"));
    officersNeeded = json.getLong("officersNeeded");
  }
}
