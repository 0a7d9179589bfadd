// What becomes of a day's data on a bad or dear link: photographs wait for Wi-Fi and records do
// not, a server that takes the connection and is silent costs a while and nothing else, and a
// service worker that is woken wakes the app.
//   node apps/tests/link.mjs [--screens FOLDER]
// with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { Door } from "./support/door.mjs";
import { browser, play, registry, screens, visit } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

/** The core gives a call half a minute, and what it tries again comes within another minute or two. */
const GIVES_UP_MS_MAX = 60_000;
const TRIES_AGAIN_MS_MAX = 240_000;

const door = new Door(browser, screens);
const page = () => browser.page;
const figure = (text) =>
  page().waitForFunction(
    (wanted) => document.querySelector(".figure")?.textContent === wanted,
    text,
    { timeout: TRIES_AGAIN_MS_MAX },
  );

let session;
async function network(connectionType) {
  // What is emulated ends with its session.
  session ??= await page().context().newCDPSession(page());
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    // Chromium plays a network only that is limited somehow.
    latency: 1,
    downloadThroughput: 12_500_000,
    uploadThroughput: 12_500_000,
    connectionType,
  });
}

/** @param number of the photograph, which no other is like */
async function photograph(id, number) {
  await visit("dossier", id, "photos");
  const buffer = await door.paper(`TỜ KHAI ${number}`);
  await page()
    .locator('input[type="file"]')
    .setInputFiles({ name: "page.jpg", mimeType: "image/jpeg", buffer });
  await page().locator(".photos img").nth(number - 1).waitFor();
}

await play("link", async () => {
  await registry.start();
  const ticket = registry.ticket("courier", "Bưu tá");
  registry.enrol("dispatcher", "Điều phối");
  const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();
  const id = dispatch("request", "1.001193", "--unit", UNIT, "--name", "Nguyễn Thị Phúc",
    "--phone", "0912345678", "--address", "Thôn Đoài, xã Hoa Lư");
  dispatch("assign", id, ticket.actor);
  dispatch("sync");
  // Phones say what kind of network they are on; on other machines Chromium has to be asked to.
  browser.switches = [
    "--enable-features=NetInfoDownlinkMax",
    "--enable-blink-features=NetInfoDownlinkMax",
  ];
  await browser.start(registry.server + "/apps/courier/");
  await network("cellular4g");
  await browser.enrol(ticket.link);
  await visit("settings");
  await page().getByRole("radio", { name: "Chỉ bằng Wi-Fi" }).check();
  await door.look("settings");
  await visit("sync");
  await door.button("Đồng bộ ngay").click();
  await visit();
  await door.shown("Nguyễn Thị Phúc");

  // On mobile data the records go, and the photograph waits and says so.
  await visit("open", "1.001193", id);
  await door.button("Nhận hồ sơ này").click();
  await door.title("Nguyễn Thị Phúc");
  await photograph(id, 1);
  await visit("sync");
  await door.button("Đồng bộ ngay").click();
  await figure("0");
  await door.shown("1 ảnh chờ Wi-Fi");
  await door.look("waiting");
  await network("wifi");
  await page().getByText("ảnh chờ Wi-Fi").waitFor({ state: "detached" });
  await page().waitForFunction(() => !document.body.innerText.includes("ảnh chưa gửi"));
  await network("cellular4g");
  await photograph(id, 2);
  await visit("sync");
  await door.shown("1 ảnh chờ Wi-Fi");
  await door.button("Gửi ảnh ngay").click();
  await page().getByText("ảnh chờ Wi-Fi").waitFor({ state: "detached" });
  await page().waitForFunction(() => !document.body.innerText.includes("ảnh chưa gửi"));

  // A server that takes the connection and is silent.
  await registry.stop();
  const taken = new Set();
  const silent = createServer((socket) => {
    taken.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise((done) => silent.listen(registry.port, "127.0.0.1", done));
  await visit("dossier", id, "note");
  await page().getByRole("textbox").first().fill("Chủ nhà hẹn buổi chiều");
  await page().getByRole("button").last().click();
  await door.title("Nguyễn Thị Phúc");
  // What was written is sent without being asked to.
  await visit("sync");
  await page()
    .getByText("Máy chủ không trả lời kịp")
    .first()
    .waitFor({ timeout: GIVES_UP_MS_MAX });
  await door.shown("Tự thử lại lúc");
  await door.look("silent");
  assert.ok(taken.size > 0, "the silent server was asked");
  assert.notEqual(await page().locator(".figure").first().innerText(), "0", "nothing is lost");
  for (const socket of taken) socket.destroy();
  await new Promise((done) => silent.close(done));
  await registry.start();
  // Nobody touches anything: it is tried again by itself.
  await figure("0");

  // The browser wakes the service worker when the network is back; it wakes the app.
  await registry.stop();
  await visit("dossier", id, "note");
  await page().getByRole("textbox").first().fill("Đã gọi điện trước");
  await page().getByRole("button").last().click();
  await door.title("Nguyễn Thị Phúc");
  await visit("sync");
  await door.shown("Chưa đồng bộ được");
  await registry.start();
  const worker = await page().context().newCDPSession(page());
  const registered = new Promise((done) =>
    worker.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) =>
      registrations[0] && done(registrations[0].registrationId),
    ),
  );
  await worker.send("ServiceWorker.enable");
  await worker.send("ServiceWorker.dispatchSyncEvent", {
    origin: registry.server,
    registrationId: await registered,
    tag: "unsent",
    lastChance: false,
  });
  await page().waitForFunction(
    () => document.querySelector(".figure")?.textContent === "0",
    undefined,
    { timeout: 8_000 },
  );
  await door.look("sent");
  assert.deepEqual(browser.faults, []);
  console.log("link: photographs waited, a silent server cost only time, a wake-up woke it");
});
