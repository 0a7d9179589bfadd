package vn.tannha.core.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/** Lists of the API. */
final class Json {
  interface Reader<T> {
    T read(JSONArray all, int at) throws JSONException;
  }

  private Json() {}

  static <T> List<T> list(JSONObject json, String name, Reader<T> reader) throws JSONException {
    JSONArray all = json.getJSONArray(name);
    List<T> list = new ArrayList<>(all.length());
    for (int i = 0; i < all.length(); ++i) list.add(reader.read(all, i));
    return Collections.unmodifiableList(list);
  }

  static <T> List<T> copy(List<T> list) {
    return Collections.unmodifiableList(new ArrayList<>(list));
  }
}
