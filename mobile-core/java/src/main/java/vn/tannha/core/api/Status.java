// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Status {
  public final boolean made;
  public final boolean locked;
  public final boolean needsPin;
  /** Null: there is none. */
  public final Me me;
  public final String server;
  public final long unsentRecords;
  public final long unsentFiles;
  public final long unsentBytes;
  public final boolean filesHeld;
  /** Null: there is none. */
  public final Long oldestUnsentMs;
  /** Null: there is none. */
  public final Stock stock;
  public final boolean syncing;
  /** Null: there is none. */
  public final Long syncedMs;
  /** Null: there is none. */
  public final Long nextTryMs;
  /** Null: there is none. */
  public final ErrorInfo syncError;
  public final long serverAheadMs;
  public final long procedures;
  /** Null: there is none. */
  public final ErrorInfo trouble;
  /** Null: there is none. */
  public final RevocationReason revoked;

  public Status(JSONObject json) throws JSONException {
    made = json.getBoolean("made");
    locked = json.getBoolean("locked");
    needsPin = json.getBoolean("needsPin");
    me = json.has("me") ? new Me(json.getJSONObject("me")) : null;
    server = json.getString("server");
    unsentRecords = json.getLong("unsentRecords");
    unsentFiles = json.getLong("unsentFiles");
    unsentBytes = json.getLong("unsentBytes");
    filesHeld = json.getBoolean("filesHeld");
    oldestUnsentMs = json.has("oldestUnsentMs") ? json.getLong("oldestUnsentMs") : null;
    stock = json.has("stock") ? new Stock(json.getJSONObject("stock")) : null;
    syncing = json.getBoolean("syncing");
    syncedMs = json.has("syncedMs") ? json.getLong("syncedMs") : null;
    nextTryMs = json.has("nextTryMs") ? json.getLong("nextTryMs") : null;
    syncError = json.has("syncError") ? new ErrorInfo(json.getJSONObject("syncError")) : null;
    serverAheadMs = json.getLong("serverAheadMs");
    procedures = json.getLong("procedures");
    trouble = json.has("trouble") ? new ErrorInfo(json.getJSONObject("trouble")) : null;
    revoked = json.has("revoked") ? RevocationReason.of(json.getString("revoked")) : null;
  }
}
