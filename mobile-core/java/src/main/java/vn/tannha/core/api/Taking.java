// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Taking {
  public final String record;
  public final MoneyKind kind;
  public final long amountDong;
  public final boolean cash;

  public Taking(JSONObject json) throws JSONException {
    record = json.getString("record");
    kind = MoneyKind.of(json.getString("kind"));
    amountDong = json.getLong("amountDong");
    cash = json.getBoolean("cash");
  }
}
