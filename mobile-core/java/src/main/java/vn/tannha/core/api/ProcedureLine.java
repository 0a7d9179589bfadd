// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ProcedureLine {
  public final String code;
  public final String title;
  public final String field;
  public final PostalAnswer byPost;

  public ProcedureLine(JSONObject json) throws JSONException {
    code = json.getString("code");
    title = json.getString("title");
    field = json.getString("field");
    byPost = PostalAnswer.of(json.getString("byPost"));
  }
}
