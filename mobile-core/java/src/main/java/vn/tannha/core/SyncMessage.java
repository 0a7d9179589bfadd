package vn.tannha.core;

import vn.tannha.core.api.SyncCall;

/** What to send to the server now. */
public final class SyncMessage {
  public final SyncCall call;
  public final byte[] body;

  SyncMessage(SyncCall call, byte[] body) {
    this.call = call;
    this.body = body;
  }
}
