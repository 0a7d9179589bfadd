// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Written {
  public final String dossier;
  public final String record;

  public Written(JSONObject json) throws JSONException {
    dossier = json.getString("dossier");
    record = json.getString("record");
  }
}
