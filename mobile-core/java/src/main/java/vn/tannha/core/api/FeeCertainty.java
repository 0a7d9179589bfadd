// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum FeeCertainty {
  STATED("stated"),
  SET_ELSEWHERE("set_elsewhere"),
  NOT_GIVEN("not_given");

  /** As the core writes it. */
  public final String word;

  FeeCertainty(String word) {
    this.word = word;
  }

  static FeeCertainty of(String word) throws JSONException {
    for (FeeCertainty value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("FeeCertainty: " + word);
  }
}
