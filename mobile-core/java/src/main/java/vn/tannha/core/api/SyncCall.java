// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SyncCall {
  public final long call;
  public final String method;
  public final String url;
  public final String contentType;
  public final String contentEncoding;
  public final String bearer;
  public final long timeoutMs;

  public SyncCall(JSONObject json) throws JSONException {
    call = json.getLong("call");
    method = json.getString("method");
    url = json.getString("url");
    contentType = json.getString("contentType");
    contentEncoding = json.getString("contentEncoding");
    bearer = json.getString("bearer");
    timeoutMs = json.getLong("timeoutMs");
  }
}
