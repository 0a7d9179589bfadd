// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONObject;

public final class EnrolledEvent extends Event {
  public EnrolledEvent(JSONObject json) {}
}
