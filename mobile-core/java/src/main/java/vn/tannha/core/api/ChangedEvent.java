// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONObject;

public final class ChangedEvent extends Event {
  public ChangedEvent(JSONObject json) {}
}
