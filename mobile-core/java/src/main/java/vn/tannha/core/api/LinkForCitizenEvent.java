// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;
import org.json.JSONObject;

public final class LinkForCitizenEvent extends Event {
  public final String dossier;
  public final String link;

  public LinkForCitizenEvent(JSONObject json) throws JSONException {
    dossier = json.getString("dossier");
    link = json.getString("link");
  }
}
