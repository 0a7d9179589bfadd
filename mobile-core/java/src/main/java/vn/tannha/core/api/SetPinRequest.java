// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class SetPinRequest extends Request<Done> {
  /** Null: there is none. */
  public final String now;
  public final String next;

  public SetPinRequest(String now, String next) {
    this.now = now;
    this.next = next;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "setPin");
    if (now != null) json.put("now", now);
    json.put("next", next);
    return json;
  }

  @Override
  public Done answer(JSONObject json) throws JSONException {
    return new Done(json);
  }
}
