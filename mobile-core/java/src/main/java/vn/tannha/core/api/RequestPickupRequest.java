// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class RequestPickupRequest extends Request<Written> {
  public final String procedure;
  public final String unit;
  public final ServiceKind service;
  public final String owner;
  public final String phone;
  public final String address;
  /** Null: there is none. */
  public final Long visitFromMs;
  /** Null: there is none. */
  public final Long visitUntilMs;

  public RequestPickupRequest(
      String procedure, String unit, ServiceKind service, String owner, String phone,
      String address, Long visitFromMs, Long visitUntilMs) {
    this.procedure = procedure;
    this.unit = unit;
    this.service = service;
    this.owner = owner;
    this.phone = phone;
    this.address = address;
    this.visitFromMs = visitFromMs;
    this.visitUntilMs = visitUntilMs;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "requestPickup");
    json.put("procedure", procedure);
    json.put("unit", unit);
    json.put("service", service.word);
    json.put("owner", owner);
    json.put("phone", phone);
    json.put("address", address);
    if (visitFromMs != null) json.put("visitFromMs", visitFromMs);
    if (visitUntilMs != null) json.put("visitUntilMs", visitUntilMs);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
