// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum RevocationReason {
  RETIRED("retired"),
  LOST("lost"),
  COMPROMISED("compromised");

  /** As the core writes it. */
  public final String word;

  RevocationReason(String word) {
    this.word = word;
  }

  static RevocationReason of(String word) throws JSONException {
    for (RevocationReason value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("RevocationReason: " + word);
  }
}
