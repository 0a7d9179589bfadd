// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum PostalAnswer {
  NO("no"),
  YES("yes"),
  CANDIDATE("candidate");

  /** As the core writes it. */
  public final String word;

  PostalAnswer(String word) {
    this.word = word;
  }

  static PostalAnswer of(String word) throws JSONException {
    for (PostalAnswer value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("PostalAnswer: " + word);
  }
}
