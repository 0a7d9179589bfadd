// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class DossierLine {
  public final String id;
  public final Stage stage;
  public final String procedure;
  public final String procedureName;
  public final String unit;
  public final String owner;
  public final String phone;
  public final String address;
  /** Null: there is none. */
  public final Long visitFromMs;
  /** Null: there is none. */
  public final Long visitUntilMs;
  public final Custodian custodian;
  public final String sendSlipNo;
  public final String itemId;
  public final String dossierCode;
  /** Null: there is none. */
  public final Long dueMs;
  public final long moneyDong;
  public final long cashDong;
  public final long handovers;
  public final long deliveryAttempts;
  /** Null: there is none. */
  public final String offer;
  /** Null: there is none. */
  public final Direction offerDirection;
  public final boolean citizenBound;
  public final Where where;

  public DossierLine(JSONObject json) throws JSONException {
    id = json.getString("id");
    stage = Stage.of(json.getString("stage"));
    procedure = json.getString("procedure");
    procedureName = json.getString("procedureName");
    unit = json.getString("unit");
    owner = json.getString("owner");
    phone = json.getString("phone");
    address = json.getString("address");
    visitFromMs = json.has("visitFromMs") ? json.getLong("visitFromMs") : null;
    visitUntilMs = json.has("visitUntilMs") ? json.getLong("visitUntilMs") : null;
    custodian = Custodian.of(json.getString("custodian"));
    sendSlipNo = json.getString("sendSlipNo");
    itemId = json.getString("itemId");
    dossierCode = json.getString("dossierCode");
    dueMs = json.has("dueMs") ? json.getLong("dueMs") : null;
    moneyDong = json.getLong("moneyDong");
    cashDong = json.getLong("cashDong");
    handovers = json.getLong("handovers");
    deliveryAttempts = json.getLong("deliveryAttempts");
    offer = json.has("offer") ? json.getString("offer") : null;
    offerDirection = json.has("offerDirection")
      ? Direction.of(json.getString("offerDirection")) : null;
    citizenBound = json.getBoolean("citizenBound");
    where = new Where(json.getJSONObject("where"));
  }
}
