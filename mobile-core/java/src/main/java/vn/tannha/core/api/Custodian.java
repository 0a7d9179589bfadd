// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum Custodian {
  CITIZEN("citizen"),
  COURIER("courier"),
  DESK("desk"),
  DISPUTED("disputed");

  /** As the core writes it. */
  public final String word;

  Custodian(String word) {
    this.word = word;
  }

  static Custodian of(String word) throws JSONException {
    for (Custodian value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("Custodian: " + word);
  }
}
