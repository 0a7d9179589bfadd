// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class Slip {
  public final String sendSlipNo;
  public final String itemId;
  public final String sealNo;
  public final List<DocumentCount> documents;
  public final List<String> photos;
  public final long moneyDong;

  public Slip(JSONObject json) throws JSONException {
    sendSlipNo = json.getString("sendSlipNo");
    itemId = json.getString("itemId");
    sealNo = json.getString("sealNo");
    documents = Json.list(json, "documents", (all, i) -> new DocumentCount(all.getJSONObject(i)));
    photos = Json.list(json, "photos", (all, i) -> all.getString(i));
    moneyDong = json.getLong("moneyDong");
  }
}
