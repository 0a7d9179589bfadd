// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Signer {
  public final Role role;
  public final String unit;
  public final String label;

  public Signer(JSONObject json) throws JSONException {
    role = Role.of(json.getString("role"));
    unit = json.getString("unit");
    label = json.getString("label");
  }
}
