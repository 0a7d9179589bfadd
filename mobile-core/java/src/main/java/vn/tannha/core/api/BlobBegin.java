// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class BlobBegin {
  public final BlobUse use;
  public final String dossier;
  public final long size;
  /** Null: there is none. */
  public final AttachmentRole role;
  /** Null: there is none. */
  public final Long line;
  /** Null: there is none. */
  public final String document;
  /** Null: there is none. */
  public final String key;

  public BlobBegin(
      BlobUse use, String dossier, long size, AttachmentRole role, Long line, String document,
      String key) {
    this.use = use;
    this.dossier = dossier;
    this.size = size;
    this.role = role;
    this.line = line;
    this.document = document;
    this.key = key;
  }

  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("use", use.word);
    json.put("dossier", dossier);
    json.put("size", size);
    if (role != null) json.put("role", role.word);
    if (line != null) json.put("line", line);
    if (document != null) json.put("document", document);
    if (key != null) json.put("key", key);
    return json;
  }
}
