// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

public final class Field {
  public final String field;
  public final List<String> values;

  public Field(JSONObject json) throws JSONException {
    field = json.getString("field");
    values = Json.list(json, "values", (all, i) -> all.getString(i));
  }
}
