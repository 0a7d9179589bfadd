// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

/** What the core tells without being asked. */
public abstract class Event {
  /** An event as the core gives it. */
  public static Event of(JSONObject json) throws JSONException {
    String type = json.getString("@type");
    switch (type) {
      case "changed":
        return new ChangedEvent(json);
      case "enrolled":
        return new EnrolledEvent(json);
      case "synced":
        return new SyncedEvent(json);
      case "syncFailed":
        return new SyncFailedEvent(json);
      case "locked":
        return new LockedEvent(json);
      case "linkForCitizen":
        return new LinkForCitizenEvent(json);
      case "fileHere":
        return new FileHereEvent(json);
      case "errandFailed":
        return new ErrandFailedEvent(json);
      default:
        throw new JSONException(type);
    }
  }
}
