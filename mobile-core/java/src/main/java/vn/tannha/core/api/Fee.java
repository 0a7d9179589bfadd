// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Fee {
  /** Null: there is none. */
  public final Long amountDong;
  public final FeeCertainty certainty;
  public final String text;

  public Fee(JSONObject json) throws JSONException {
    amountDong = json.has("amountDong") ? json.getLong("amountDong") : null;
    certainty = FeeCertainty.of(json.getString("certainty"));
    text = json.getString("text");
  }
}
