// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.Base64;
import org.json.JSONException;
import org.json.JSONObject;

public final class Live {
  public final String url;
  public final byte[] hello;

  public Live(JSONObject json) throws JSONException {
    url = json.getString("url");
    hello = Base64.getDecoder().decode(json.getString("hello"));
  }
}
