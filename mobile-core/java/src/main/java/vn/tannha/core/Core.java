package vn.tannha.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.json.JSONException;
import org.json.JSONObject;
import vn.tannha.core.api.BlobBegin;
import vn.tannha.core.api.ErrorInfo;
import vn.tannha.core.api.Event;
import vn.tannha.core.api.OpenOptions;
import vn.tannha.core.api.Request;
import vn.tannha.core.api.SyncCall;
import vn.tannha.core.api.SyncHead;
import vn.tannha.core.api.Written;

/**
 * One store, and what may be done with it: docs/core-api.md. What an answer calls saved is durable
 * when the call returns.
 *
 * <p>Calls read and write files, and unlocking takes a second by design: make them on a thread that
 * may wait, not on an app's main thread. Several threads may share a core; one call at a time is in
 * it. A closed core answers every call with IllegalStateException.
 */
public final class Core implements AutoCloseable {
  private static final int PIECE_SIZE = 256 * 1024;
  private static final long NO_STEP = 0xffff_ffffL;

  private long core;

  private Core(long core) {
    this.core = core;
  }

  /** Opens the store, and makes it when it is missing. */
  public static Core open(OpenOptions options) throws CoreException {
    long[] handle = new long[1];
    int code = Native.open(utf8(written(options::toJson)), handle);
    if (handle[0] == 0) throw new OutOfMemoryError("core " + code);
    Core core = new Core(handle[0]);
    if (code == 0) return core;
    try {
      throw core.failure();
    } finally {
      core.close();
    }
  }

  /** Closes the store. More than once is allowed. */
  @Override
  public synchronized void close() {
    long closing = core;
    core = 0;
    if (closing != 0) Native.close(closing);
  }

  /** Asks, and waits for the answer. */
  public <A> A call(Request<A> request) throws CoreException {
    return call(request, null);
  }

  /**
   * Asks under a key: when the answer was not heard, the same request with the same key writes
   * nothing twice.
   */
  public <A> A call(Request<A> request, UUID key) throws CoreException {
    JSONObject json = written(request::toJson);
    if (key != null) {
      written(() -> json.put("@key", key.toString()));
    }
    JSONObject answer = object(callText(json.toString()));
    return read(() -> request.answer(answer));
  }

  /** A request as JSON, and its answer. */
  synchronized String callText(String request) throws CoreException {
    byte[][] answer = new byte[1][];
    check(Native.call(open(), utf8(request), answer));
    return text(answer[0]);
  }

  /** The next event, oldest first; null: there is none. */
  public synchronized Event receive() throws CoreException {
    byte[][] event = new byte[1][];
    check(Native.receive(open(), event));
    if (event[0].length == 0) return null;
    JSONObject json = object(text(event[0]));
    return read(() -> Event.of(json));
  }

  /**
   * Does what is due by the clock. @return milliseconds until it is to be called again at the
   * latest; Long.MAX_VALUE: not before something else was called
   */
  public synchronized long step() throws CoreException {
    long[] waitMs = new long[1];
    check(Native.step(open(), waitMs));
    return waitMs[0] == NO_STEP ? Long.MAX_VALUE : waitMs[0];
  }

  /** What to send to the server now; null: nothing. It is handed out once: HttpSync sends it. */
  public synchronized SyncMessage syncNext() throws CoreException {
    byte[][] out = new byte[2][];
    check(Native.syncNext(open(), out));
    if (out[0].length == 0) return null;
    JSONObject json = object(text(out[0]));
    return new SyncMessage(read(() -> new SyncCall(json)), out[1]);
  }

  /** What came from the server. @param head with status 0: nothing came */
  public synchronized void syncAnswer(SyncHead head, byte[] body) throws CoreException {
    byte[] text = utf8(written(head::toJson));
    check(Native.syncAnswer(open(), text, body));
  }

  /**
   * Saves a file, and the record that names it. Nothing of it is saved when this throws.
   *
   * @param file is read to its end, which is to be where `begin` says; it is not closed
   */
  public synchronized Written addFile(BlobBegin begin, InputStream file)
      throws CoreException, IOException {
    long[] blob = new long[1];
    check(Native.blobBegin(open(), utf8(written(begin::toJson)), blob));
    byte[] piece = new byte[PIECE_SIZE];
    for (int size = file.read(piece); size >= 0; size = file.read(piece)) {
      check(Native.blobWrite(open(), blob[0], piece, size));
    }
    byte[][] answer = new byte[1][];
    check(Native.blobEnd(open(), blob[0], answer));
    JSONObject json = object(text(answer[0]));
    return read(() -> new Written(json));
  }

  /** Writes a file that is on this device. @param file is not closed */
  public void readFile(String hash, OutputStream file) throws CoreException, IOException {
    for (long offset = 0;;) {
      byte[] piece = readPiece(hash, offset);
      if (piece.length == 0) return;
      file.write(piece);
      offset += piece.length;
    }
  }

  private synchronized byte[] readPiece(String hash, long offset) throws CoreException {
    byte[][] piece = new byte[1][];
    check(Native.blobRead(open(), utf8(hash), offset, PIECE_SIZE, piece));
    return piece[0];
  }

  private long open() {
    if (core == 0) throw new IllegalStateException("the core is closed");
    return core;
  }

  private void check(int code) throws CoreException {
    if (code != 0) throw failure();
  }

  private CoreException failure() {
    JSONObject json = object(text(Native.lastError(core)));
    return new CoreException(read(() -> new ErrorInfo(json)));
  }

  private interface Job<T> {
    T run() throws JSONException;
  }

  /** The core's own words are always as this package expects them: they were made together. */
  private static <T> T read(Job<T> job) {
    try {
      return job.run();
    } catch (JSONException error) {
      throw new IllegalStateException("not of this version of the core", error);
    }
  }

  /** Of the caller's values no JSON can refuse any but a number that is none, and there is none. */
  private static <T> T written(Job<T> job) {
    try {
      return job.run();
    } catch (JSONException error) {
      throw new IllegalArgumentException(error);
    }
  }

  private static JSONObject object(String text) {
    return read(() -> new JSONObject(text));
  }

  private static byte[] utf8(Object text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
