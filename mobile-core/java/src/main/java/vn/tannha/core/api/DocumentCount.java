// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class DocumentCount {
  public final long line;
  public final String title;
  public final long originals;
  public final long certified;
  public final long photocopies;

  public DocumentCount(JSONObject json) throws JSONException {
    line = json.getLong("line");
    title = json.getString("title");
    originals = json.getLong("originals");
    certified = json.getLong("certified");
    photocopies = json.getLong("photocopies");
  }

  public DocumentCount(long line, String title, long originals, long certified, long photocopies) {
    this.line = line;
    this.title = title;
    this.originals = originals;
    this.certified = certified;
    this.photocopies = photocopies;
  }

  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("line", line);
    json.put("title", title);
    json.put("originals", originals);
    json.put("certified", certified);
    json.put("photocopies", photocopies);
    return json;
  }
}
