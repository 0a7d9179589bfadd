// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class Dossier {
  public final DossierLine line;
  /** Null: there is none. */
  public final ServiceKind service;
  public final List<Field> fields;
  public final List<DocumentCount> documents;
  public final List<DocumentLine> uncounted;
  public final List<Attachment> attachments;
  public final List<Taking> takings;
  /** Null: there is none. */
  public final String sealed;
  public final String sealNo;
  /** Null: there is none. */
  public final Slip slip;
  /** Null: there is none. */
  public final Grade confirmation;
  public final boolean codeSent;
  public final boolean codeClaimed;
  /** Null: there is none. */
  public final String delivered;
  public final boolean deliveryConfirmed;
  public final List<String> supplementItems;
  public final String refusalReason;
  public final List<String> disputed;
  public final List<RecordView> records;

  public Dossier(JSONObject json) throws JSONException {
    line = new DossierLine(json.getJSONObject("line"));
    service = json.has("service") ? ServiceKind.of(json.getString("service")) : null;
    fields = Json.list(json, "fields", (all, i) -> new Field(all.getJSONObject(i)));
    documents = Json.list(json, "documents", (all, i) -> new DocumentCount(all.getJSONObject(i)));
    uncounted = Json.list(json, "uncounted", (all, i) -> new DocumentLine(all.getJSONObject(i)));
    attachments = Json.list(json, "attachments", (all, i) -> new Attachment(all.getJSONObject(i)));
    takings = Json.list(json, "takings", (all, i) -> new Taking(all.getJSONObject(i)));
    sealed = json.has("sealed") ? json.getString("sealed") : null;
    sealNo = json.getString("sealNo");
    slip = json.has("slip") ? new Slip(json.getJSONObject("slip")) : null;
    confirmation = json.has("confirmation") ? Grade.of(json.getString("confirmation")) : null;
    codeSent = json.getBoolean("codeSent");
    codeClaimed = json.getBoolean("codeClaimed");
    delivered = json.has("delivered") ? json.getString("delivered") : null;
    deliveryConfirmed = json.getBoolean("deliveryConfirmed");
    supplementItems = Json.list(json, "supplementItems", (all, i) -> all.getString(i));
    refusalReason = json.getString("refusalReason");
    disputed = Json.list(json, "disputed", (all, i) -> all.getString(i));
    records = Json.list(json, "records", (all, i) -> new RecordView(all.getJSONObject(i)));
  }
}
