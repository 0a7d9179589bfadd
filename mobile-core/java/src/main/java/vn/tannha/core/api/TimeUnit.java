// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum TimeUnit {
  WORKING_DAY("working_day"),
  CALENDAR_DAY("calendar_day"),
  HOUR("hour"),
  MONTH("month"),
  PROSE("prose"),
  SAME_DAY("same_day");

  /** As the core writes it. */
  public final String word;

  TimeUnit(String word) {
    this.word = word;
  }

  static TimeUnit of(String word) throws JSONException {
    for (TimeUnit value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("TimeUnit: " + word);
  }
}
