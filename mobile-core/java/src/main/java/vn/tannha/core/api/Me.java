// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Me {
  public final Role role;
  public final String unit;
  public final String label;
  public final String actor;
  public final String tenant;
  public final String tenantName;
  public final long certificateUntilMs;
  /** Null: there is none. */
  public final String scope;

  public Me(JSONObject json) throws JSONException {
    role = Role.of(json.getString("role"));
    unit = json.getString("unit");
    label = json.getString("label");
    actor = json.getString("actor");
    tenant = json.getString("tenant");
    tenantName = json.getString("tenantName");
    certificateUntilMs = json.getLong("certificateUntilMs");
    scope = json.has("scope") ? json.getString("scope") : null;
  }
}
