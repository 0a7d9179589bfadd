package vn.tannha.core;

/**
 * The functions of tannha.h. Each returns the function's code; what it hands out is put into the
 * first places of the array that is its last argument. Texts are UTF-8. A core is a number of
 * open(), until close(); nothing may be null.
 */
final class Native {
  static final int ABI_VERSION = 1;

  static {
    System.loadLibrary("tannha_jni");
    if (abiVersion() != ABI_VERSION) {
      throw new UnsatisfiedLinkError("libtannha_jni has ABI version " + abiVersion());
    }
  }

  private Native() {}

  static native int abiVersion();

  /** The core is put out also where the code is not 0; then it says why, and is to be closed. */
  static native int open(byte[] options, long[] core);

  static native void close(long core);

  static native byte[] lastError(long core);

  static native int call(long core, byte[] request, byte[][] answer);

  static native int receive(long core, byte[][] event);

  static native int step(long core, long[] waitMs);

  static native int syncNext(long core, byte[][] callAndBody);

  static native int syncAnswer(long core, byte[] head, byte[] body);

  static native int blobBegin(long core, byte[] begin, long[] blob);

  /** @param size how many of the piece's first bytes */
  static native int blobWrite(long core, long blob, byte[] piece, int size);

  static native int blobEnd(long core, long blob, byte[][] answer);

  static native int blobRead(long core, byte[] hash, long offset, int sizeMax, byte[][] piece);
}
