// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

public enum Outcome {
  COUNTS("counts"),
  DOES_NOT_COUNT("does_not_count");

  /** As the core writes it. */
  public final String word;

  Outcome(String word) {
    this.word = word;
  }
}
