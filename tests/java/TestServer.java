package vn.tannha.core;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real tannhad with the curated catalogue, as long as this is open. */
final class TestServer implements AutoCloseable {
  private final Path programs;
  private final Path folder;
  private final Process process;
  private final String url;

  TestServer(Path programs, Path folder) throws IOException, InterruptedException {
    this.programs = programs;
    this.folder = folder;
    run("tannha", "catalogue", "import", "curated", "--data", folder.toString());
    process = start("tannhad", "--data", folder.toString(), "--tenant", "H42", "--tenant-name",
        "Ninh Bình", "--port", "0");
    // It says its address once it listens.
    String line = reader(process).readLine();
    if (line == null || !line.contains("http://")) throw new IOException("no server: " + line);
    url = line.substring(line.indexOf("http://"));
  }

  /** An enrolment link. */
  String ticket(String role, String unit, String label) throws IOException, InterruptedException {
    for (String line : run("tannha", "ticket", "--data", folder.toString(), "--server", url,
             "--role", role, "--unit", unit, "--label", label)) {
      if (line.startsWith("http://")) return line;
    }
    throw new IOException("no ticket");
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }

  private Process start(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private List<String> run(String program, String... arguments)
      throws IOException, InterruptedException {
    Process started = start(program, arguments);
    List<String> lines = new ArrayList<>();
    try (BufferedReader text = reader(started)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) lines.add(line);
    }
    if (started.waitFor() != 0) throw new IOException(program + " " + started.exitValue());
    return lines;
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }
}
