// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

public enum BlobUse {
  PHOTO("photo"),
  CONFIRM_BY_STATEMENT("confirm_by_statement"),
  DELIVER("deliver");

  /** As the core writes it. */
  public final String word;

  BlobUse(String word) {
    this.word = word;
  }
}
