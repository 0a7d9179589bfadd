// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ErrorInfo {
  public final long code;
  public final String error;
  public final String detail;
  public final String vi;
  public final String en;
  public final boolean transient_;

  public ErrorInfo(JSONObject json) throws JSONException {
    code = json.getLong("code");
    error = json.getString("error");
    detail = json.getString("detail");
    vi = json.getString("vi");
    en = json.getString("en");
    transient_ = json.getBoolean("transient");
  }
}
