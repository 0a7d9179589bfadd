package vn.tannha.core;

import java.nio.file.Path;

/** The example in Kotlin with a real server: ExampleTest FOLDER_OF_PROGRAMS FOLDER_WITH_PAGE.JPG */
public final class ExampleTest {
  public static void main(String[] arguments) throws Exception {
    final Path folder = Path.of(arguments[1]);
    try (TestServer server =
             new TestServer(Path.of(arguments[0]), folder.resolve("example-server"))) {
      final String[] example = {folder.resolve("example.db").toString(), "825193",
          server.ticket("courier", "H42.101", "Bưu tá 2"), folder.resolve("page.jpg").toString()};
      Class.forName("vn.tannha.example.CourierKt")
          .getMethod("main", String[].class)
          .invoke(null, (Object) example);
    }
  }
}
