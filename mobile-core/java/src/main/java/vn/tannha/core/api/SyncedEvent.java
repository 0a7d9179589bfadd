// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SyncedEvent extends Event {
  public final long received;
  public final long rejected;
  public final long pulled;
  public final long files;

  public SyncedEvent(JSONObject json) throws JSONException {
    received = json.getLong("received");
    rejected = json.getLong("rejected");
    pulled = json.getLong("pulled");
    files = json.getLong("files");
  }
}
