package vn.tannha.core;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import vn.tannha.core.api.SyncCall;
import vn.tannha.core.api.SyncHead;

/** Carries a core's conversation with its server over HTTP. */
public final class HttpSync {
  private static final int ANSWER_SIZE_MAX = 16 * 1024 * 1024;
  private static final byte[] NOTHING = {};

  private HttpSync() {}

  /**
   * Sends what the core has to send until it has nothing more, and waits for each answer: not for
   * an app's main thread. One thread at a time for one core. How it went is told by events.
   */
  public static void run(Core core) throws CoreException {
    for (SyncMessage next = core.syncNext(); next != null; next = core.syncNext()) {
      SyncHead head = new SyncHead(next.call.call, 0, null);
      byte[] body = NOTHING;
      try {
        HttpURLConnection http = connect(next);
        try {
          body = answer(http, next.call.timeoutMs);
          head = new SyncHead(next.call.call, http.getResponseCode(), retryAfter(http));
        } finally {
          http.disconnect();
        }
      } catch (IOException noAnswer) {
        // Half an answer is none; the core tries again when it is time.
        body = NOTHING;
      }
      core.syncAnswer(head, body);
    }
  }

  private static HttpURLConnection connect(SyncMessage next) throws IOException {
    SyncCall call = next.call;
    HttpURLConnection http = (HttpURLConnection) new URL(call.url).openConnection();
    int timeoutMs = (int) Math.min(call.timeoutMs, Integer.MAX_VALUE);
    http.setConnectTimeout(timeoutMs);
    http.setReadTimeout(timeoutMs);
    http.setInstanceFollowRedirects(false);
    http.setUseCaches(false);
    http.setRequestMethod(call.method);
    put(http, "Content-Type", call.contentType);
    put(http, "Content-Encoding", call.contentEncoding);
    if (!call.bearer.isEmpty()) put(http, "Authorization", "Bearer " + call.bearer);
    if (next.body.length > 0) {
      http.setDoOutput(true);
      try (OutputStream out = http.getOutputStream()) {
        out.write(next.body);
      }
    }
    return http;
  }

  private static void put(HttpURLConnection http, String name, String value) {
    if (!value.isEmpty()) http.setRequestProperty(name, value);
  }

  private static byte[] answer(HttpURLConnection http, long timeoutMs) throws IOException {
    long beginNs = System.nanoTime();
    InputStream in = http.getResponseCode() < 400 ? http.getInputStream() : http.getErrorStream();
    // An answer without a body has no stream either.
    if (in == null) return NOTHING;
    try (InputStream body = in) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[16 * 1024];
      for (int size = body.read(piece); size >= 0; size = body.read(piece)) {
        if (all.size() + size > ANSWER_SIZE_MAX) throw new IOException("the answer is too long");
        // The platform's limit is on each wait, and bytes may come one by one.
        if (System.nanoTime() - beginNs > timeoutMs * 1_000_000) throw new IOException("too slow");
        all.write(piece, 0, size);
      }
      return all.toByteArray();
    }
  }

  private static Long retryAfter(HttpURLConnection http) {
    int seconds = http.getHeaderFieldInt("Retry-After", -1);
    return seconds < 0 ? null : (long) seconds;
  }
}
