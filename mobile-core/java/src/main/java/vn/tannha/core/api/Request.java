package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

/** What the core is asked. @param <A> what it answers */
public abstract class Request<A> {
  Request() {}

  /** The request as the core takes it. */
  public abstract JSONObject toJson() throws JSONException;

  /** The answer that the core gave to it. */
  public abstract A answer(JSONObject json) throws JSONException;
}
