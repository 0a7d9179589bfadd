// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class Taken {
  public final List<RecordView> records;
  /** Null: there is none. */
  public final String dossier;

  public Taken(JSONObject json) throws JSONException {
    records = Json.list(json, "records", (all, i) -> new RecordView(all.getJSONObject(i)));
    dossier = json.has("dossier") ? json.getString("dossier") : null;
  }
}
