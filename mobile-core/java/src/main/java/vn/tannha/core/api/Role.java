// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum Role {
  COURIER("courier"),
  OFFICER("officer"),
  CITIZEN("citizen"),
  DISPATCHER("dispatcher"),
  REGISTRY("registry");

  /** As the core writes it. */
  public final String word;

  Role(String word) {
    this.word = word;
  }

  static Role of(String word) throws JSONException {
    for (Role value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("Role: " + word);
  }
}
