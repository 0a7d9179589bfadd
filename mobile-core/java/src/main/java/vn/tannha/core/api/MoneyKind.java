// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum MoneyKind {
  FEE("fee"),
  CHARGE("charge"),
  POSTAGE("postage");

  /** As the core writes it. */
  public final String word;

  MoneyKind(String word) {
    this.word = word;
  }

  static MoneyKind of(String word) throws JSONException {
    for (MoneyKind value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("MoneyKind: " + word);
  }
}
