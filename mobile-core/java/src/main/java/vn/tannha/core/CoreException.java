package vn.tannha.core;

import vn.tannha.core.api.ErrorInfo;

/** Why the core did not do what it was asked. Nothing was changed by that. */
public final class CoreException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a sentence for people in Vietnamese and English. */
  public final transient ErrorInfo info;

  CoreException(ErrorInfo info) {
    super(info.error + (info.detail.isEmpty() ? "" : ": " + info.detail));
    this.info = info;
  }

  /** The error's name in docs/protocol.md, such as "pin_wrong". */
  public String error() {
    return info.error;
  }
}
