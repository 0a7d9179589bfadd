// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum Direction {
  TO_DESK("to_desk"),
  TO_COURIER("to_courier");

  /** As the core writes it. */
  public final String word;

  Direction(String word) {
    this.word = word;
  }

  static Direction of(String word) throws JSONException {
    for (Direction value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("Direction: " + word);
  }
}
