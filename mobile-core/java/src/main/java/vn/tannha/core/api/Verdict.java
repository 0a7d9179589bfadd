// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum Verdict {
  EFFECTIVE("effective"),
  PROVISIONAL("provisional"),
  HELD("held"),
  REFUSED("refused"),
  DUPLICATE("duplicate"),
  WAITING("waiting");

  /** As the core writes it. */
  public final String word;

  Verdict(String word) {
    this.word = word;
  }

  static Verdict of(String word) throws JSONException {
    for (Verdict value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("Verdict: " + word);
  }
}
