// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum IdentityWarning {
  PROVINCE_UNKNOWN("province_unknown"),
  SEX_DIFFERS("sex_differs"),
  BIRTH_YEAR_DIFFERS("birth_year_differs"),
  OLD_NUMBER_UNCLEAR("old_number_unclear"),
  ADDRESS_MISSING("address_missing");

  /** As the core writes it. */
  public final String word;

  IdentityWarning(String word) {
    this.word = word;
  }

  static IdentityWarning of(String word) throws JSONException {
    for (IdentityWarning value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("IdentityWarning: " + word);
  }
}
