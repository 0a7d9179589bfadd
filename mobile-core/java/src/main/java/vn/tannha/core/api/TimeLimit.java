// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class TimeLimit {
  /** Null: there is none. */
  public final Long count;
  public final TimeUnit unit;
  public final String text;

  public TimeLimit(JSONObject json) throws JSONException {
    count = json.has("count") ? json.getLong("count") : null;
    unit = TimeUnit.of(json.getString("unit"));
    text = json.getString("text");
  }
}
