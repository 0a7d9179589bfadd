// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class Scanned {
  public final String dossier;
  public final String record;
  public final List<IdentityWarning> warnings;

  public Scanned(JSONObject json) throws JSONException {
    dossier = json.getString("dossier");
    record = json.getString("record");
    warnings = Json.list(json, "warnings", (all, i) -> IdentityWarning.of(all.getString(i)));
  }
}
