// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class ForwardRequest extends Request<Written> {
  public final String dossier;
  public final String step;

  public ForwardRequest(String dossier, String step) {
    this.dossier = dossier;
    this.step = step;
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "forward");
    json.put("dossier", dossier);
    json.put("step", step);
    return json;
  }

  @Override
  public Written answer(JSONObject json) throws JSONException {
    return new Written(json);
  }
}
