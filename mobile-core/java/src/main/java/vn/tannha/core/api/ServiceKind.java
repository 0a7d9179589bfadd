// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum ServiceKind {
  SEND("send"),
  RECEIVE_RESULT("receive_result"),
  BOTH("both");

  /** As the core writes it. */
  public final String word;

  ServiceKind(String word) {
    this.word = word;
  }

  static ServiceKind of(String word) throws JSONException {
    for (ServiceKind value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("ServiceKind: " + word);
  }
}
