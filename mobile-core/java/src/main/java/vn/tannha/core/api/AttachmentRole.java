// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.
package vn.tannha.core.api;

import org.json.JSONException;

public enum AttachmentRole {
  PAGE("page"),
  CARD("card"),
  PARCEL("parcel"),
  SIGNATURE_IMAGE("signature_image"),
  RESULT("result");

  /** As the core writes it. */
  public final String word;

  AttachmentRole(String word) {
    this.word = word;
  }

  static AttachmentRole of(String word) throws JSONException {
    for (AttachmentRole value : values()) {
      if (value.word.equals(word)) return value;
    }
    throw new JSONException("AttachmentRole: " + word);
  }
}
