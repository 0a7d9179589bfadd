package vn.tannha.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Says the same to everybody, and hangs up. */
final class BrokenServer implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  BrokenServer(String answer) throws IOException {
    final Thread thread = new Thread(() -> {
      while (true) {
        try (Socket client = socket.accept()) {
          readRequest(client.getInputStream());
          client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
          if (socket.isClosed()) return;
        }
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** What is not read would reset the connection, and take the answer with it. */
  private static void readRequest(InputStream in) throws IOException {
    final StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      final int next = in.read();
      if (next < 0) return;
      head.append((char) next);
    }
    final String lower = head.toString().toLowerCase();
    final int at = lower.indexOf("content-length: ");
    if (at < 0) return;
    final String size = lower.substring(at + 16, lower.indexOf("\r\n", at));
    in.readNBytes(Integer.parseInt(size));
  }
}
