package vn.tannha.core;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import vn.tannha.core.api.*;

/**
 * The Java API as an app has it, first without a server, then with a real one. Run with -Xcheck:jni:
 *
 * <p>CoreTest FOLDER_OF_PROGRAMS FOLDER_WITH_PAGE.JPG
 */
public final class CoreTest {
  private static final String PIN = "825193";
  private static final String NO_DOSSIER = "00000000-0000-4000-8000-000000000000";
  private static final String CARD =
      "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài, Xã Gia Sinh|15042021";
  private static final long PATIENCE_MS = 60_000;

  private static int failures;

  interface Attempt {
    void run() throws Exception;
  }

  private static void expect(boolean holds, String what) {
    if (holds) return;
    ++failures;
    new Exception("not so: " + what).printStackTrace();
  }

  private static void fails(String error, Attempt attempt) throws Exception {
    try {
      attempt.run();
      expect(false, "fails with " + error);
    } catch (CoreException failure) {
      expect(failure.error().equals(error), error + " and not " + failure.getMessage());
      expect(failure.info.code > 0, error + " has a number");
      expect(!failure.info.vi.isEmpty() && !failure.info.en.isEmpty(), error + " has sentences");
    }
  }

  private static void isClosed(Attempt attempt) throws Exception {
    try {
      attempt.run();
      expect(false, "a closed core answers nothing");
    } catch (IllegalStateException closed) {
      expect(closed.getMessage().contains("closed"), closed.getMessage());
    }
  }

  private static Core open(Path path) throws CoreException {
    return Core.open(new OpenOptions(path.toString(), null));
  }

  // Without a server

  private static void opensNothingWhereNothingIs() throws Exception {
    fails("store_not_found", () -> open(Path.of("/nowhere/at/all.db")));
    fails("argument_invalid", () -> Core.open(new OpenOptions(null, null)));
    fails("argument_invalid", () -> Core.open(new OpenOptions("x.db", new byte[] {1, 2, 3})));
  }

  private static void refusesGarbage(Core core) throws Exception {
    for (String text : List.of("", "{", "null", "[]", "{}", "{\"@type\":7}", "{\"@type\":\"x\"}",
        "\0", "{\"@type\":\"status\",\"more\":1}", "🌾", "[".repeat(100_000), "\ud800")) {
      fails("argument_invalid", () -> core.callText(text));
    }
    fails("argument_invalid", () -> core.call(new DossierRequest("no id")));
    fails("argument_invalid", () -> core.call(new UnlockRequest(null)));
    fails("argument_invalid", () -> core.syncAnswer(new SyncHead(7, 1L << 40, null), new byte[0]));
    expect(core.call(new StatusRequest()) != null, "and goes on");
  }

  private static void asksForPin(Core core) throws Exception {
    expect(!core.call(new StatusRequest()).made, "no vault yet");
    fails("vault_locked", () -> core.call(new RoundRequest()));
    fails("pin_too_weak", () -> core.call(new SetPinRequest(null, "111111")));
    core.call(new SetPinRequest(null, PIN));
    core.call(new LockRequest());
    fails("vault_locked", () -> core.call(new RoundRequest()));
    fails("pin_wrong", () -> core.call(new UnlockRequest("825194")));
    fails("pin_wrong", () -> core.call(new SetPinRequest("825194", "736281")));
    core.call(new UnlockRequest(PIN));
    fails("not_enrolled", () -> core.call(new RoundRequest()));
  }

  private static void belongsToOne(Path path) throws Exception {
    fails("store_busy", () -> open(path));
  }

  private static void takesOnlyWholeFiles(Core core, String dossier, byte[] jpeg) throws Exception {
    final BlobBegin begin = photo(dossier, jpeg.length);
    fails("argument_invalid",
        () -> core.addFile(begin, new ByteArrayInputStream(jpeg, 0, jpeg.length - 1)));
    fails("attachment_too_large",
        () -> core.addFile(photo(dossier, jpeg.length - 1), new ByteArrayInputStream(jpeg)));
    fails("attachment_too_large",
        () -> core.addFile(photo(dossier, 1L << 40), new ByteArrayInputStream(jpeg)));
    fails("attachment_empty",
        () -> core.addFile(photo(dossier, 0), new ByteArrayInputStream(new byte[0])));
    try {
      core.addFile(begin, new InputStream() {
        @Override
        public int read() throws IOException {
          throw new IOException("the camera is gone");
        }
      });
      expect(false, "a file that cannot be read");
    } catch (IOException gone) {
      expect(gone.getMessage().equals("the camera is gone"), gone.getMessage());
    }
    final String nothing = "00".repeat(32);
    fails("store_not_found", () -> core.readFile(nothing, new ByteArrayOutputStream()));
    fails("argument_invalid", () -> core.readFile("", new ByteArrayOutputStream()));
  }

  private static void isClosedForGood(Path path) throws Exception {
    final Core core = open(path);
    core.close();
    core.close();
    isClosed(() -> core.call(new StatusRequest()));
    isClosed(core::receive);
    isClosed(core::step);
    isClosed(core::syncNext);
    isClosed(() -> core.syncAnswer(new SyncHead(1, 0, null), new byte[0]));
    isClosed(() -> core.addFile(photo(NO_DOSSIER, 1), new ByteArrayInputStream(new byte[1])));
    isClosed(() -> core.readFile("00".repeat(32), new ByteArrayOutputStream()));
  }

  /** Threads that ask while another closes get an answer, or hear that it is closed. */
  private static void servesManyThreads(Path path) throws Exception {
    final Core core = open(path);
    final AtomicInteger answers = new AtomicInteger();
    final AtomicInteger strange = new AtomicInteger();
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; ++i) {
      final Thread thread = new Thread(() -> {
        try {
          while (true) {
            core.call(new StatusRequest());
            answers.incrementAndGet();
          }
        } catch (IllegalStateException closed) {
          return;
        } catch (Throwable other) {
          strange.incrementAndGet();
        }
      });
      thread.start();
      threads.add(thread);
    }
    while (answers.get() < 1000) Thread.onSpinWait();
    core.close();
    for (Thread thread : threads) thread.join();
    expect(strange.get() == 0, "an answer, or closed");
  }

  // With a server

  private static BlobBegin photo(String dossier, long size) {
    return new BlobBegin(BlobUse.PHOTO, dossier, size, AttachmentRole.PAGE, 0L, null, null);
  }

  /** Carries the conversation until an event is told. */
  private static <E extends Event> E until(Core core, Class<E> type) throws Exception {
    final long begin = System.currentTimeMillis();
    while (System.currentTimeMillis() - begin < PATIENCE_MS) {
      core.step();
      HttpSync.run(core);
      for (Event event = core.receive(); event != null; event = core.receive()) {
        if (type.isInstance(event)) return type.cast(event);
        if (event instanceof SyncFailedEvent) {
          throw new AssertionError(((SyncFailedEvent) event).error.error);
        }
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no " + type.getSimpleName());
  }

  private static void toldThatNobodyAnswers(Core core) throws Exception {
    fails("argument_invalid", () -> core.call(new EnrolRequest("x")));
    // Port 9 of this machine: nobody listens there.
    core.call(new EnrolRequest("http://127.0.0.1:9/#AAAAAAAAAAAAAAAAAAAAAA"));
    final SyncFailedEvent failed = until(core, SyncFailedEvent.class);
    expect(failed.error.transient_, failed.error.error + " is not for ever");
    expect(core.call(new StatusRequest()).syncError != null, "and the status says so");
  }

  /** Half an answer, none, something else, and one that is a redirection. */
  private static void takesNoBrokenAnswer(Core core) throws Exception {
    for (String answer : List.of(
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "", "\0\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole", "HTTP/1.1 500 No\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")) {
      try (BrokenServer server = new BrokenServer(answer)) {
        core.call(new EnrolRequest(server.url() + "/#AAAAAAAAAAAAAAAAAAAAAA"));
        until(core, SyncFailedEvent.class);
        expect(core.call(new StatusRequest()).me == null, "nobody is enrolled by that");
      }
    }
  }

  private static String collects(Core core, byte[] jpeg) throws Exception {
    fails("procedure_unknown",
        () -> core.call(new OpenDossierRequest(null, "0.000", ServiceKind.SEND, null)));
    final UUID key = UUID.randomUUID();
    final OpenDossierRequest opening =
        new OpenDossierRequest(null, "2.000635", ServiceKind.BOTH, null);
    final Written opened = core.call(opening, key);
    expect(core.call(opening, key).record.equals(opened.record), "the same key writes once");
    expect(core.call(new DossiersRequest()).dossiers.size() == 1, "one dossier");

    fails("card_text_fields",
        () -> core.call(new ScanCardRequest(opened.dossier, "no card")));
    core.call(new ScanCardRequest(opened.dossier, CARD));
    final String address = "Thôn Đoài, cạnh ruộng 🌾 \"nhà\" \\ số 5";
    core.call(new WriteFieldRequest(opened.dossier, "owner_address", address));
    final Dossier seen = core.call(new DossierRequest(opened.dossier));
    expect(seen.fields.stream().anyMatch(
               f -> f.field.equals("owner_address") && f.values.equals(List.of(address))),
        "every letter comes back");
    expect(seen.fields.stream().anyMatch(
               f -> f.field.equals("owner_name") && f.values.equals(List.of("Nguyễn Thị Phúc"))),
        "the card's name");

    takesOnlyWholeFiles(core, opened.dossier, jpeg);
    core.addFile(photo(opened.dossier, jpeg.length), new ByteArrayInputStream(jpeg));
    fails("dossier_incomplete", () -> core.call(new SealRequest(opened.dossier, "NP-1")));
    core.call(new CheckDocumentRequest(opened.dossier, new DocumentCount(1, "", 1, 0, 0)));
    core.call(new SealRequest(opened.dossier, "NP-1"));
    return opened.dossier;
  }

  private static void everythingArrived(Core core, String id, byte[] jpeg) throws Exception {
    expect(core.call(new StatusRequest()).unsentRecords > 0, "not sent yet");
    core.call(new SyncRequest());
    until(core, SyncedEvent.class);
    final Status status = core.call(new StatusRequest());
    expect(status.unsentRecords == 0 && status.unsentFiles == 0, "all is sent");
    final Dossier dossier = core.call(new DossierRequest(id));
    expect(dossier.line.stage == Stage.SEALED, "sealed");
    expect(dossier.records.size() >= 6, "its records");
    for (RecordView record : dossier.records) {
      expect(record.received, record.type + " has a receipt");
      expect(record.verdict == Verdict.EFFECTIVE, record.type + " counts");
    }
    expect(dossier.attachments.size() == 1, "one photo");
    final ByteArrayOutputStream file = new ByteArrayOutputStream();
    core.readFile(dossier.attachments.get(0).hash, file);
    expect(Arrays.equals(file.toByteArray(), jpeg), "the photo as it was");
  }

  public static void main(String[] arguments) throws Exception {
    final Path folder = Path.of(arguments[1]);
    final Path store = folder.resolve("phone.db");
    final byte[] jpeg = Files.readAllBytes(folder.resolve("page.jpg"));

    opensNothingWhereNothingIs();
    try (Core core = open(store)) {
      refusesGarbage(core);
      asksForPin(core);
      refusesGarbage(core);
      belongsToOne(store);
      toldThatNobodyAnswers(core);
      takesNoBrokenAnswer(core);
    }
    isClosedForGood(store);
    servesManyThreads(store);

    try (TestServer server = new TestServer(Path.of(arguments[0]), folder.resolve("server"));
        Core core = open(store)) {
      fails("vault_locked", () -> core.call(new RoundRequest()));
      core.call(new UnlockRequest(PIN));
      core.call(new EnrolRequest(server.ticket("courier", "H42.101", "Bưu tá 1")));
      until(core, EnrolledEvent.class);
      until(core, SyncedEvent.class);
      final Me me = core.call(new StatusRequest()).me;
      expect(me != null && me.role == Role.COURIER && me.label.equals("Bưu tá 1"), "who I am");
      final String id = collects(core, jpeg);
      everythingArrived(core, id, jpeg);
    }
    if (failures > 0) System.exit(1);
    System.out.println("all as promised");
  }
}
