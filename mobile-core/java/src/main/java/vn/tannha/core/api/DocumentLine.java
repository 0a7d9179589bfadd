// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class DocumentLine {
  public final long line;
  public final DocumentKind kind;
  public final String case_;
  public final String title;
  public final long originals;
  public final long copies;

  public DocumentLine(JSONObject json) throws JSONException {
    line = json.getLong("line");
    kind = DocumentKind.of(json.getString("kind"));
    case_ = json.getString("case");
    title = json.getString("title");
    originals = json.getLong("originals");
    copies = json.getLong("copies");
  }
}
