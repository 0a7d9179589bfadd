// A courier's whole day with everything that can happen to a phone in it, in a real browser against
// a real server: no server for most of the day, a clock that is wrong by hours and by another amount
// after each start, three sudden ends in the middle of work, no room left, two tabs, a new version,
// and in the evening a slow connection that breaks. Whatever the app called saved, record by record
// and photograph by photograph, has to be in the registry, once.
//   node apps/tests/whole_day.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
// TANNHA_SEED: what is left to chance, which the test prints.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Courier, itemCode } from "./support/courier.mjs";
import { Network } from "./support/network.mjs";
import { apps, browser, play, registry } from "./support/play.mjs";
import { Random } from "./support/random.mjs";
import { UNIT } from "./support/registry.mjs";
import { holdings } from "./support/tab.mjs";
import { copyVersion, findUpdate, shownVersion } from "./support/versions.mjs";
import { Witness } from "./support/witness.mjs";

const CARD =
  "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài, xã Hoa Lư, tỉnh Ninh Bình|15042021";
const HOUR_S = 3600;
/** Room for some photographs beside what the day has brought so far. */
const ROOM_BYTES = 1_500_000;

const seed = Number(process.env.TANNHA_SEED ?? Date.now() % 1_000_000);
const random = new Random(seed);
const network = new Network(() => registry.port);
const witness = new Witness();
browser.witness = witness;
// A page has to be legible.
browser.view = { width: 1440, height: 1080 };
const address = () => `${network.address}/apps/courier/`;
const courier = new Courier(browser, address);
const page = () => browser.page;
let pages = 0;
/** So many papers that no camera has seen yet. */
const papers = (count) => Array.from({ length: count }, () => ++pages);

const began = Date.now();
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(0)} s: ${text}`);

/** Everything at once, then a start with another clock, and the place is the one of before. */
async function restart(heading, clockWrongH) {
  await browser.kill();
  browser.clockWrongS = clockWrongH * HOUR_S;
  await browser.start(address());
  await browser.unlock();
  await courier.title(heading);
}

/** The office of the day: gives two requests to the courier. @return who that is */
async function morning() {
  await registry.start();
  await network.start();
  const { link, actor } = registry.ticket("courier", "Bưu tá Nguyễn Văn An");
  registry.enrol("dispatcher", "Điều phối");
  registry.enrol("officer", "Một cửa");
  browser.clockWrongS = -30 * HOUR_S;
  await browser.start(address());
  await browser.enrol(link.replace(registry.server, network.address));
  const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();
  for (const [procedure, name, phone] of [
    ["1.001193", "Nguyễn Thị Phúc", "0912345678"],
    ["2.000635", "Trần Văn Bình", "0987654321"],
  ]) {
    const id = dispatch("request", procedure, "--unit", UNIT, "--name", name, "--phone", phone,
      "--address", "Phố Trần Hưng Đạo");
    dispatch("assign", id, actor);
  }
  dispatch("sync");
  await courier.sync();
  await courier.shown("Trần Văn Bình");
  // Nothing is decided by the phone's clock, and the courier is told that it is wrong.
  await courier.shown("Đồng hồ điện thoại lệch 1.800 phút");
  await page().evaluate(async () => void (await navigator.serviceWorker.ready));
  await registry.stop();
  say("the server is gone");
}

/** Card and seal by the camera; the end comes while a photograph is being saved. */
async function firstDoor() {
  browser.show(CARD);
  await courier.visit();
  await page().getByText("Nguyễn Thị Phúc").click();
  await courier.follow("Bắt đầu nhận hồ sơ");
  const id = await courier.begin();
  await courier.follow("Chủ hồ sơ");
  await courier.press("Quét thẻ căn cước");
  await courier.link("Tiếp: đếm giấy tờ").waitFor();
  await courier.fill("Điện thoại", "0912 345 678");
  await courier.follow("Tiếp: đếm giấy tờ");
  await courier.countPapers();
  browser.showPages(papers(1));
  await courier.openCamera(id);
  await courier.press("Chụp");
  await courier.savedPhotos(1);
  browser.showPages(papers(1));
  await courier.openCamera(id);
  const begins = witness.begins();
  await courier.press("Chụp");
  await begins;
  const afterMs = random.below(40);
  await wait(afterMs);
  await restart("Chụp giấy tờ", 11);
  const held = await page().locator(".photos img").count();
  say(`killed ${afterMs} ms into saving a photograph: ${held} are there`);
  browser.showPages(papers(1));
  await courier.openCamera(id);
  await courier.press("Chụp");
  await courier.savedPhotos(1);
  await courier.follow("Tiếp: thu phí");
  await courier.fill("Số tiền (đồng)", "8000");
  await courier.press("Ghi đã thu 8.000 đồng");
  await courier.shown("Tổng đã thu");
  await courier.follow("Tiếp: niêm phong");
  await courier.scanSeal(itemCode(10_000_001));
  await courier.issueSlip();
  await courier.confirm();
}

/** A new version; the end, right after a tap that saves one record after the other; two tabs. */
async function secondDoor() {
  await courier.visit();
  await page().getByText("Trần Văn Bình").click();
  await courier.follow("Bắt đầu nhận hồ sơ");
  const id = await courier.begin();
  await courier.follow("Chủ hồ sơ");
  await courier.fill("Họ và tên", "Trần Văn Bình");
  await newVersion();
  await courier.follow("Tiếp: đếm giấy tờ");
  await courier.press("Tất cả đủ như danh mục");
  await restart("Đếm giấy tờ", -72);
  say("killed right after a tap");
  await courier.countPapers();
  browser.showPages(papers(1));
  await courier.openCamera(id);
  await courier.press("Chụp");
  await courier.savedPhotos(1);

  const first = page();
  browser.page = await browser.open(`${address()}#/dossier/${id}/seal`);
  await courier.title("Niêm phong");
  await courier.fill("Số niêm phong", "NP-004513");
  await courier.issueSlip();
  await first.close();
  // Whoever has the store now is locked, as after every start.
  await browser.unlock();
  await courier.title("Phiếu gửi hồ sơ");
  await courier.confirm();
  say("two tabs, and one was closed");
}

/** Noon, and a moment of signal: the new version is taken with a value half typed. */
async function newVersion() {
  const address = "Ngõ 5, phố Phúc Thành";
  await page().getByLabel("Địa chỉ", { exact: true }).fill(address);
  await registry.start({ apps: copyVersion(apps, registry.folder, "second") });
  await findUpdate(page());
  await courier.button("Khởi động lại").waitFor();
  assert.equal(await shownVersion(page()), "first");
  await courier.press("Khởi động lại");
  await browser.unlock();
  await courier.title("Chủ hồ sơ");
  assert.equal(await shownVersion(page()), "second");
  await page().waitForFunction(
    (value) =>
      [...document.querySelectorAll("input, textarea")].some((one) => one.value === value),
    address,
  );
  await registry.stop();
  say("a new version");
}

/** The end comes while somebody types; later there is no room. */
async function thirdDoor() {
  const id = await courier.openDossier();
  await courier.follow("Chủ hồ sơ");
  await courier.fill("Điện thoại", "0903 111 222");
  const name = "Lê Thị Hoa";
  const typed = 1 + random.below(name.length);
  const field = () => page().getByLabel("Họ và tên", { exact: true });
  await field().pressSequentially(name.slice(0, typed));
  await restart("Chủ hồ sơ", 5);
  say(`killed after ${typed} letters`);
  assert.equal(await page().getByLabel("Điện thoại").inputValue(), "0903 111 222");
  await courier.fill("Họ và tên", name);
  await courier.link("Tiếp: đếm giấy tờ").waitFor();
  await courier.follow("Tiếp: đếm giấy tờ");
  await courier.countPapers();
  await fillUp(id);
  await courier.visit("dossier", id, "seal");
  await courier.fill("Số niêm phong", "NP-004514");
  await courier.issueSlip();
  await courier.confirm();
}

/** Photographs until there is no room: what is saved stays, and it goes on when there is room. */
async function fillUp(id) {
  const room = await browser.limitRoom(network.address, ROOM_BYTES);
  const saved = await courier.photographUntilFull(id, () => papers(1));
  await courier.shown(`${saved} ảnh`);
  // What there was no room for is still before the courier.
  await room.make();
  await courier.pressUntilSaved("Lưu ảnh này");
  say(`no room after ${saved} photographs, and the next one saved when there was`);
}

/** The bag is handed over without a server; then everything goes up, by a bad connection. */
async function evening() {
  await courier.visit("handover");
  const envelopes = page().getByRole("checkbox");
  await envelopes.nth(2).waitFor();
  for (const envelope of await envelopes.all()) await envelope.check();
  await courier.press("Ký biên bản giao 3/3");
  await courier.shown("Chờ Một cửa ký nhận (3)");
  const held = await holdings(page());
  network.bytesASecond = 400_000;
  const after = 100_000 + random.below(700_000);
  const cut = network.cutAfter(after);
  await registry.start();
  await courier.visit("sync");
  await courier.press("Đồng bộ ngay");
  assert.ok(await Promise.race([cut.then(() => true), wait(60_000)]), "not so much was sent");
  network.bytesASecond = undefined;
  await courier.press("Đồng bộ ngay");
  await courier.sent();
  say(`all is sent, after the connection broke with ${after} bytes on the way`);
  const office = (...args) => registry.run("office", "--data", "officer", ...args);
  office("sync");
  const offers = registry.run("inspect", "officer").matchAll(/(\S+) {2}log .* handover_offered /g);
  office("take-handover", [...offers].at(-1)[1], "--accept");
  office("sync");
  await courier.sync();
  return held;
}

/** The phone's own files, while nobody writes them. */
async function takeStore() {
  await page().goto(`${address()}version.json`);
  const files = await page().evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle("core");
    const found = [];
    for await (const [name, handle] of store.entries()) {
      const reader = new FileReader();
      const read = new Promise((done) => (reader.onload = done));
      reader.readAsDataURL(await handle.getFile());
      await read;
      found.push([name, reader.result.slice(reader.result.indexOf(",") + 1)]);
    }
    return found;
  });
  mkdirSync(join(registry.folder, "phone"));
  for (const [name, base64] of files) {
    const file = join(registry.folder, "phone", name.replace("core.db", "device.db"));
    writeFileSync(file, Buffer.from(base64, "base64"));
  }
}

/** Every file in the registry's folder of photographs, by SHA-256. */
function keptFiles() {
  const blobs = join(registry.folder, "srv/blobs");
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name)))
    .map((bytes) => createHash("sha256").update(bytes).digest("hex"));
}

const missing = (from, where) => [...from].filter((one) => !where.has(one));

async function compare(held) {
  await takeStore();
  await registry.stop();
  // What was called saved is on the phone, and what is on the phone is in the registry: once.
  const onPhone = new Set(held.records);
  const lines = [...registry.run("inspect", "srv").matchAll(/^\d+ {2}([0-9a-f]{16}) {2}log .*$/gm)];
  const inRegistry = new Map();
  for (const [line, hash] of lines) {
    inRegistry.set(hash, (inRegistry.get(hash) ?? 0) + 1);
    assert.match(line, / effective$/, line);
  }
  assert.deepEqual([...inRegistry].filter(([, count]) => count !== 1), []);
  const short = (hashes) => new Set([...hashes].map((hash) => hash.slice(0, 16)));
  assert.deepEqual(missing(witness.records, onPhone), [], "called saved, and not on the phone");
  assert.deepEqual(missing(short(onPhone), inRegistry), [], "not in the registry");
  assert.deepEqual(missing(short(witness.records), inRegistry), [], "not in the registry");
  const kept = keptFiles();
  assert.equal(new Set(kept).size, kept.length);
  assert.deepEqual(missing(witness.photos, new Set(kept)), [], "photographs not in the registry");
  assert.deepEqual(missing(held.photos, new Set(kept)), [], "photographs not in the registry");
  // Photographs and signatures all lie there under the name that their bytes give them, byte by
  // byte as on the phone, and every record where its receipt says.
  const found = JSON.parse(
    registry.run("reconcile", "phone", "--data", "srv", "--json").trim().split("\n").at(-1),
  );
  assert.equal(found.problems, 0);
  assert.equal(found.lost + found.doubled, 0);
  assert.equal(found.found, found.records);
  assert.ok(found.records >= witness.records.size);
  assert.equal(found.dossiers, 3);
  registry.run("fsck", "srv");
  console.log(
    `whole day: ${found.records} records and ${kept.length} photographs in the registry, ` +
      `${witness.records.size} and ${witness.photos.size} of them known to be called saved; ` +
      "none missing, none doubled",
  );
}

console.log(`whole day: seed ${seed}`);
process.once("exit", (code) => code !== 0 && console.error(`TANNHA_SEED=${seed}`));
await play("whole_day", async () => {
  await morning();
  await firstDoor();
  await secondDoor();
  await thirdDoor();
  const held = await evening();
  assert.deepEqual(browser.faults, []);
  await compare(held);
}, { network });
