// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum Grade {
  COUNTERSIGNED("countersigned"),
  ONE_TIME_CODE("one_time_code"),
  COURIER_STATEMENT("courier_statement");

  /** As the core writes it. */
  public final String word;

  Grade(String word) {
    this.word = word;
  }

  static Grade of(String word) throws JSONException {
    for (Grade value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("Grade: " + word);
  }
}
