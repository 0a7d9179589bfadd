// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Stock {
  public final long slips;
  public final long items;
  public final long toSeal;
  public final boolean low;

  public Stock(JSONObject json) throws JSONException {
    slips = json.getLong("slips");
    items = json.getLong("items");
    toSeal = json.getLong("toSeal");
    low = json.getBoolean("low");
  }
}
