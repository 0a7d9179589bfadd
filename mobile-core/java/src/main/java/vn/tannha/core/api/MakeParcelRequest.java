// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

public final class MakeParcelRequest extends Request<Parcel> {
  public final List<String> records;

  public MakeParcelRequest(List<String> records) {
    this.records = Json.copy(records);
  }

  @Override
  public JSONObject toJson() throws JSONException {
    JSONObject json = new JSONObject();
    json.put("@type", "makeParcel");
    json.put("records", new JSONArray(records));
    return json;
  }

  @Override
  public Parcel answer(JSONObject json) throws JSONException {
    return new Parcel(json);
  }
}
