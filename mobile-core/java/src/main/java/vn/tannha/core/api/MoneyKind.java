// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

public enum MoneyKind {
  FEE("fee"),
  CHARGE("charge"),
  POSTAGE("postage");

  /** As the core writes it. */
  public final String word;

  MoneyKind(String word) {
    this.word = word;
  }
}
