// Grade B from the dispatcher's desk to the registry's word: the citizen gets a code, reads it to
// the courier who has no network, and only the registry says whether it was the right one.
//   node apps/tests/code.mjs [--screens FOLDER]
// with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { Door } from "./support/door.mjs";
import { browser, play, registry, screens, visit } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

const door = new Door(browser, screens);

const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();

async function synced() {
  await visit("sync");
  await door.button("Đồng bộ ngay").click();
  await browser.page.waitForFunction(
    () =>
      document.querySelector(".notice.good") !== null &&
      document.querySelector(".figure")?.textContent === "0",
  );
}

/** A code at the door, without a network; then what the registry says. */
async function type(id, code) {
  await visit("dossier", id, "confirm", "code");
  await door.title("Mã một lần");
  await browser.page.getByLabel("Mã 6 số").fill(code.slice(0, 3) + " " + code.slice(3));
  await door.look("code");
  await door.button("Lưu xác nhận").click();
  await door.shown("chờ máy chủ so mã");
}

await play("code", async () => {
  await registry.start();
  const ticket = registry.ticket("courier", "Bưu tá");
  registry.enrol("dispatcher", "Điều phối");
  const id = dispatch("request", "1.001193", "--unit", UNIT, "--name", "Nguyễn Thị Phúc",
    "--phone", "0912345678", "--address", "Thôn Đoài, xã Hoa Lư");
  dispatch("assign", id, ticket.actor);
  dispatch("sync");

  const [message, ...more] = await registry.messages(1);
  assert.equal(more.length, 0);
  assert.equal(message.to, "+84912345678");
  assert.equal(message.dossier, id);
  assert.match(message.code, /^\d{6}$/);
  assert.ok(message.text.includes(message.code));
  assert.ok(message.text.length <= 160, `${message.text.length} characters`);
  assert.match(message.text, /^[ -~]+$/, "one text message, in every gateway's letters");

  await browser.start(registry.server + "/apps/courier/");
  await browser.enrol(ticket.link);
  await synced();
  await registry.stop();
  await door.seal(visit, id);
  await visit("dossier", id, "confirm");
  await door.shown("Người dân đọc mã đã nhận qua tin nhắn");
  await door.look("ways");

  const wrong = message.code.replace(/.$/, (last) => String((Number(last) + 1) % 10));
  await type(id, wrong);
  await door.look("claimed");
  await registry.start();
  await synced();
  await visit("dossier", id);
  await door.shown("Chưa được xác nhận bằng mã");
  await door.shown("Đây không phải mã đã gửi cho người dân");
  await door.look("refused");
  await door.link("Xác nhận lại").click();
  await door.shown("Người dân đọc mã đã nhận qua tin nhắn");

  await type(id, message.code);
  await synced();
  await visit("dossier", id, "confirm");
  await door.shown("Mức B");
  await door.look("grade-b");
  registry.enrol("officer", "Một cửa");
  registry.run("office", "--data", "officer", "sync");
  assert.match(registry.run("office", "--data", "officer", "show", id), /mức B/);
  assert.equal((await registry.messages(1)).length, 1, "a message for each assignment, no more");
  assert.deepEqual(browser.faults, []);
  console.log("code: a wrong one is refused in words, the right one is grade B");
});
