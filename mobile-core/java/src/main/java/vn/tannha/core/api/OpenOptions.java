// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.Base64;
import org.json.JSONException;
import org.json.JSONObject;

public final class OpenOptions {
  public final String path;
  /** Null: there is none. */
  public final byte[] platformKey;

  public OpenOptions(String path, byte[] platformKey) {
    this.path = path;
    this.platformKey = platformKey == null ? null : platformKey.clone();
  }

  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("path", path);
    if (platformKey != null)
      json.put("platformKey", Base64.getEncoder().encodeToString(platformKey));
    return json;
  }
}
