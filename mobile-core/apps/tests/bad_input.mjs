// What goes wrong at a door and in a pocket: each gets one sentence that says what happened and what
// to do now, and what was saved before is there afterwards, on a phone that has just been killed.
//   node apps/tests/bad_input.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { Courier, FULL, itemCode } from "./support/courier.mjs";
import { browser, play, registry } from "./support/play.mjs";
import { holdings, sealMany } from "./support/tab.mjs";

// A page has to be legible.
browser.view = { width: 1440, height: 1080 };
const address = () => `${registry.server}/apps/courier/`;
const courier = new Courier(browser, address);
const page = () => browser.page;
const NAME = "Nguyễn Thị Phúc";
const PROCEDURE = "1.001193";
/** Of one lease. */
const NUMBERS = 50;
const WRONG_PIN = "135790";

/** A lawful number with another last digit. */
const misread = (code) => code.slice(0, 10) + ((Number(code[10]) + 1) % 10) + code.slice(11);
const told = (sentence) =>
  page()
    .locator(".notice")
    .filter({ hasText: sentence })
    .first()
    .waitFor();

/** The phone goes off and on: the place and the values of the dossier are the ones of before. */
async function safe(id, before) {
  await browser.kill();
  await browser.start(address());
  await browser.unlock();
  const now = await holdings(page());
  assert.deepEqual(missing(before.records, now.records), []);
  assert.deepEqual(missing(before.photos, now.photos), []);
  await courier.visit("dossier", id, "owner");
  await courier.title("Chủ hồ sơ");
  await page().waitForFunction(
    (name) => [...document.querySelectorAll("input")].some((one) => one.value === name),
    NAME,
  );
}
const missing = (from, where) => from.filter((one) => !where.includes(one));

async function otherCard(id) {
  for (const text of [
    // An account at a bank, and a health insurance card, which has as many fields.
    "00020101021238570010A00000072701270006970436011300110012345678520400005303704",
    "GD4373720100200|4e677579e1bb856e|01/01/1960|2|5468c3b46e|37 - 001|-|01/01/2026|-|3700|-|4",
  ]) {
    browser.show(text);
    await courier.visit("dossier", id);
    await courier.visit("dossier", id, "owner");
    await courier.press("Quét");
    await told("Đây không phải mã QR của thẻ căn cước. Hãy quét mã ở mặt trước thẻ căn cước");
  }
}

async function wrongCheckDigit(id) {
  browser.show(misread(itemCode(10_000_007)));
  await courier.visit("dossier", id, "seal");
  await courier.press("Quét mã niêm phong");
  await told("Số hiệu bưu gửi sai chữ số kiểm tra. Hãy quét lại mã vạch.");
  assert.equal(await page().getByLabel("Số niêm phong").inputValue(), "");
}

async function blurredPhoto(id) {
  browser.showPages([1]);
  await courier.openCamera(id);
  await courier.press("Chụp");
  await courier.savedPhotos(1);
  browser.showPages([2], 24);
  await courier.openCamera(id);
  await courier.press("Chụp");
  await told("Ảnh bị nhòe: giữ chắc máy, chờ nét rồi chụp.");
  await courier.button("Chụp lại").waitFor();
}

/** Pictures of another camera, several at once: one is asked about after the other, none is lost. */
async function chosenPictures(id) {
  browser.showPages([1]);
  await courier.openCamera(id);
  const before = (await holdings(page())).photos;
  const jpeg = (number, blur) =>
    page().evaluate(
      async ([words, pixels]) => {
        const canvas = new OffscreenCanvas(1000, 1400);
        const context = canvas.getContext("2d");
        context.fillStyle = "#ddd";
        context.fillRect(0, 0, 1000, 1400);
        context.filter = `blur(${pixels}px)`;
        context.fillStyle = "#222";
        context.font = "26px serif";
        for (let y = 60; y < 1380; y += 40) context.fillText(`${words} ${"chữ ".repeat(15)}`, 40, y);
        const blob = await canvas.convertToBlob({ type: "image/jpeg" });
        return Array.from(new Uint8Array(await blob.arrayBuffer()));
      },
      [`Trang ${number}`, blur],
    );
  const picture = async (number, blur) => ({
    name: `${number}.jpg`,
    mimeType: "image/jpeg",
    buffer: Buffer.from(await jpeg(number, blur)),
  });
  const none = { name: "notes.jpg", mimeType: "image/jpeg", buffer: Buffer.from("notes") };
  await page()
    .locator("input[type=file]")
    .setInputFiles([await picture(1, 6), none, await picture(2, 0), await picture(3, 9)]);
  await told("Không mở được ảnh trong tệp notes.jpg. Hãy chụp lại, hoặc chọn ảnh JPEG hay PNG.");
  await told("Còn 1 ảnh nữa cần xem.");
  await courier.press("Vẫn dùng ảnh này");
  await page().getByText("Còn 1 ảnh nữa cần xem.").waitFor({ state: "hidden" });
  await courier.press("Vẫn dùng ảnh này");
  await courier.savedPhotos(3);
  assert.equal((await holdings(page())).photos.length, before.length + 3);
}

/** No room, for a photograph that the app asks about and for one that it does not. */
async function fullDisk(id) {
  const room = await browser.limitRoom(registry.server, 300_000);
  let number = 10;
  await courier.photographUntilFull(id, () => [++number]);
  browser.showPages([3], 24);
  await courier.openCamera(id);
  await courier.press("Chụp");
  await courier.press("Vẫn dùng ảnh này");
  await told(FULL);
  // It is still before the courier, who makes room and saves it.
  await room.make();
  await courier.pressUntilSaved("Vẫn dùng ảnh này");
}

/** A call comes, or another app: what is photographed then is what lies there, not what lay there. */
async function cameraTaken(id) {
  browser.showPages([4]);
  await courier.openCamera(id);
  const taken = page().locator(".photos img");
  await taken.first().waitFor();
  const before = await taken.count();
  await courier.press("Chụp");
  await courier.savedPhotos(1);
  browser.loseCamera();
  await courier.shown("Không mở được máy ảnh ở đây. Hãy thử lại, hoặc chụp bằng máy ảnh của điện");
  browser.showPages([5]);
  await courier.press("Thử lại");
  await courier.press("Chụp");
  await courier.savedPhotos(2);
  await taken.nth(before + 1).waitFor();
  const seen = await taken.evaluateAll(async (all) => {
    const draw = async (one) => {
      await one.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: 90, height: 90 });
      canvas.getContext("2d").drawImage(one, 0, 0, 90, 90);
      return canvas.toDataURL();
    };
    return Promise.all(all.slice(-2).map(draw));
  });
  assert.notEqual(seen[0], seen[1]);
}

async function noCamera(id) {
  await browser.kill();
  browser.cameraAllowed = false;
  await browser.start(address());
  await browser.unlock();
  const session = await page().context().newCDPSession(page());
  const permit = (setting) =>
    session.send("Browser.setPermission", {
      origin: registry.server,
      permission: { name: "camera" },
      setting,
    });
  await permit("denied");
  await courier.visit("dossier", id, "photos");
  await told(
    "Trình duyệt chưa cho dùng máy ảnh. Hãy cho phép trong cài đặt trang rồi thử lại",
  );
  browser.show(itemCode(10_000_008));
  await courier.visit("dossier", id, "seal");
  await courier.press("Quét mã niêm phong");
  await told("Trình duyệt chưa cho dùng máy ảnh. Hãy cho phép trong cài đặt trang, rồi thử lại.");
  await permit("granted");
  await courier.press("Thử lại");
  await page().waitForFunction(
    (code) => [...document.querySelectorAll("input")].some((one) => one.value === code),
    itemCode(10_000_008),
  );
  browser.cameraAllowed = true;
}

/** Nothing is kept for this address; what was entered is at the other one. */
async function plainHttp(id, before) {
  await browser.kill();
  browser.switches = ["--host-resolver-rules=MAP phone.test 127.0.0.1"];
  await browser.start(`http://phone.test:${registry.port}/apps/courier/`);
  await told("Hãy mở lại bằng địa chỉ bắt đầu bằng https://");
  browser.switches = [];
  await safe(id, before);
}

/** Without a server the last number goes; with one there are more. */
async function usedUpNumbers(id) {
  await registry.stop();
  await sealMany(page(), PROCEDURE, NUMBERS);
  await courier.visit("dossier", id, "seal");
  await courier.fill("Số niêm phong", "NP-004512");
  await courier.press("Cấp phiếu gửi");
  await told("Thiết bị đã hết số được cấp. Hãy đồng bộ để nhận thêm số.");
  await safe(id, await holdings(page()));
  await registry.start();
  await courier.sync();
  await courier.visit("dossier", id, "seal");
  await courier.fill("Số niêm phong", "NP-004512");
  await courier.issueSlip();
}

/** As often as it takes until nobody may try for a while; then the right one opens. */
async function wrongPin() {
  await browser.kill();
  await browser.start(address());
  for (let tries = 1; tries <= 5; tries++) {
    await courier.title("Nhập mã PIN");
    await browser.enterPin(WRONG_PIN);
    await courier.press("Mở khóa");
    await told("Mã PIN không đúng. Hãy nhập lại; sau nhiều lần sai phải chờ.");
  }
  await told(/Nhập lại được sau \d+ giây\. Dữ liệu đã lưu vẫn còn nguyên\./);
  await browser.enterPin();
  await courier.press("Mở khóa");
  await told("Đã nhập sai mã PIN quá nhiều lần.");
  await told(/Nhập lại được sau \d+ giây/);
  const wait = page().getByText("Nhập lại được sau");
  await wait.waitFor({ state: "hidden", timeout: 60_000 });
  await browser.unlock();
}

/** What was written before is brought to the registry, and the courier is told whom to see. */
async function revoked(id) {
  registry.enrol("officer", "Một cửa");
  const office = (...args) => registry.run("office", "--data", "officer", ...args);
  office("sync");
  const log = /^log ([0-9a-f]{64}) {2}courier/m.exec(registry.run("inspect", "srv"))[1];
  await registry.stop();
  await courier.visit("dossier", id, "note");
  await courier.fill("Nội dung", "Nhà ở cuối ngõ.");
  await courier.press("Lưu ghi chú");
  await page().waitForURL(/#\/dossier\/[0-9a-f-]{36}$/);
  const { records } = await holdings(page());
  await registry.start();
  office("revoke", log, "lost");
  office("sync");
  await courier.visit("sync");
  // The phone brings what it has, and then it is emptied, whatever screen it is at.
  await told("Thiết bị này đã báo mất");
  await told("Phần đã ghi đã được gửi về đủ và dữ liệu trên máy đã được xóa. Hãy gặp người điều");
  const kept = registry.run("inspect", "srv");
  assert.deepEqual(records.filter((hash) => !kept.includes(hash.slice(0, 16))), []);
  await browser.kill();
  await browser.start(address());
  await told("Thiết bị này đã báo mất");
}

const began = Date.now();
async function bad(name, work) {
  await work();
  console.log(`${((Date.now() - began) / 1000).toFixed(0)} s: ${name}`);
}

await play("bad_input", async () => {
  browser.show("x");
  await registry.start();
  await browser.start(address());
  await browser.enrol(registry.ticket("courier", "Bưu tá").link);
  await courier.sync();
  const id = await courier.openDossier();
  await courier.follow("Chủ hồ sơ");
  await courier.fill("Họ và tên", NAME);
  await courier.link("Tiếp: đếm giấy tờ").waitFor();
  await courier.visit("dossier", id, "papers");
  await courier.countPapers();
  await registry.stop();
  for (const [name, work] of [
    ["a code of another kind", otherCard],
    ["a barcode with a wrong check digit", wrongCheckDigit],
    ["a blurred photograph", blurredPhoto],
    ["pictures that were chosen", chosenPictures],
    ["a full disk", fullDisk],
    ["a camera that another app takes", cameraTaken],
    ["no permission for the camera", noCamera],
  ]) {
    await bad(name, async () => {
      await work(id);
      await safe(id, await holdings(page()));
    });
  }
  await bad("used-up numbers", () => usedUpNumbers(id));
  const before = await holdings(page());
  await bad("plain http", () => plainHttp(id, before));
  await bad("a wrong PIN", async () => {
    await wrongPin();
    await safe(id, before);
  });
  await bad("a revoked phone", () => revoked(id));
  assert.deepEqual(browser.faults, []);
  console.log("bad input: each got its sentence, and nothing that was saved is gone");
});
