// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class Attachment {
  public final String hash;
  public final long size;
  public final String mediaType;
  public final AttachmentRole role;
  public final long line;
  public final boolean here;

  public Attachment(JSONObject json) throws JSONException {
    hash = json.getString("hash");
    size = json.getLong("size");
    mediaType = json.getString("mediaType");
    role = AttachmentRole.of(json.getString("role"));
    line = json.getLong("line");
    here = json.getBoolean("here");
  }
}
