// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class RecordView {
  public final String hash;
  public final String type;
  public final Verdict verdict;
  /** Null: there is none. */
  public final ErrorInfo why;
  public final boolean received;
  public final boolean own;
  public final long claimedMs;
  /** Null: there is none. */
  public final Long receivedMs;
  /** Null: there is none. */
  public final Signer signer;

  public RecordView(JSONObject json) throws JSONException {
    hash = json.getString("hash");
    type = json.getString("type");
    verdict = Verdict.of(json.getString("verdict"));
    why = json.has("why") ? new ErrorInfo(json.getJSONObject("why")) : null;
    received = json.getBoolean("received");
    own = json.getBoolean("own");
    claimedMs = json.getLong("claimedMs");
    receivedMs = json.has("receivedMs") ? json.getLong("receivedMs") : null;
    signer = json.has("signer") ? new Signer(json.getJSONObject("signer")) : null;
  }
}
