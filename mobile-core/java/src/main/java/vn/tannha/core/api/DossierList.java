// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class DossierList {
  public final List<DossierLine> dossiers;

  public DossierList(JSONObject json) throws JSONException {
    dossiers = Json.list(json, "dossiers", (all, i) -> new DossierLine(all.getJSONObject(i)));
  }
}
