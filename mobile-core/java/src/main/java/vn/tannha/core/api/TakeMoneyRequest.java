// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class TakeMoneyRequest extends Request<Written> {
  public final String dossier;
  public final MoneyKind kind;
  public final long amountDong;
  public final boolean cash;

  public TakeMoneyRequest(String dossier, MoneyKind kind, long amountDong, boolean cash) {
    this.dossier = dossier;
    this.kind = kind;
    this.amountDong = amountDong;
    this.cash = cash;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "takeMoney");
    json.put("dossier", dossier);
    json.put("kind", kind.word);
    json.put("amountDong", amountDong);
    json.put("cash", cash);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
