// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum Stage {
  EMPTY("empty"),
  REQUESTED("requested"),
  ASSIGNED("assigned"),
  COLLECTING("collecting"),
  SEALED("sealed"),
  CONFIRMED("confirmed"),
  HANDED_OVER("handed_over"),
  ACCEPTED("accepted"),
  NEEDS_SUPPLEMENT("needs_supplement"),
  SUPPLEMENTED("supplemented"),
  PROCESSING("processing"),
  REFUSED("refused"),
  RESULT_READY("result_ready"),
  RETURNED("returned");

  /** As the core writes it. */
  public final String word;

  Stage(String word) {
    this.word = word;
  }

  static Stage of(String word) throws JSONException {
    for (Stage value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("Stage: " + word);
  }
}
