// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum DocumentKind {
  TO_SUBMIT("to_submit"),
  TO_PRESENT("to_present"),
  NOTE("note"),
  OTHER("other");

  /** As the core writes it. */
  public final String word;

  DocumentKind(String word) {
    this.word = word;
  }

  static DocumentKind of(String word) throws JSONException {
    for (DocumentKind value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("DocumentKind: " + word);
  }
}
