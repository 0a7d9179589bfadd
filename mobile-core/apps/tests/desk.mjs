// At the desk: the seal on the envelope against the one recorded at the door, and the day's money
// by kind.
//   node apps/tests/desk.mjs [--screens FOLDER]    with TANNHA_APPS as for journey.mjs
// In an exercise, which needs nobody else.
import assert from "node:assert/strict";
import { Door } from "./support/door.mjs";
import { browser, play, registry, screens, visit } from "./support/play.mjs";

const door = new Door(browser, screens);
const page = () => browser.page;

async function take(id, kind, amount, how) {
  await visit("dossier", id, "money");
  await page().getByRole("radio", { name: kind, exact: true }).check();
  await page().getByRole("radio", { name: how }).check();
  await page().getByLabel("Số tiền (đồng)").fill(amount);
  await page().getByRole("button", { name: "Ghi đã thu" }).click();
  await page().getByRole("link", { name: "Tiếp: niêm phong" }).waitFor();
}
/** A made-up visit's dossier, sealed. @return its id */
async function sealed(name, seal, money) {
  await visit();
  await page().getByText(name).first().click();
  await door.link("Bắt đầu nhận hồ sơ").click();
  await door.button("Nhận hồ sơ này").click();
  await door.title(name);
  const id = /dossier\/([0-9a-f-]{36})/.exec(page().url())[1];
  await visit("dossier", id, "owner");
  const owner = page().getByLabel("Họ và tên");
  await owner.fill(name);
  await owner.blur();
  await visit("dossier", id, "papers");
  await door.button("Tất cả đủ như danh mục").click();
  await door.link("Tiếp: chụp giấy tờ").waitFor();
  for (const one of money) await take(id, ...one);
  await visit("dossier", id, "seal");
  await page().getByLabel("Số niêm phong").fill(seal);
  await door.button("Cấp phiếu gửi").click();
  await door.title("Phiếu gửi hồ sơ");
  return id;
}
async function read(seal) {
  const field = page().getByLabel("Số đọc được trên niêm phong");
  await field.fill(seal);
  await field.blur();
}

await play("desk", async () => {
  await registry.start();
  await browser.start(registry.server + "/apps/courier/");
  await door.button("Luyện tập trước").click();
  await door.title("Hôm nay");
  const first = "Người Mẫu Một (luyện tập)";
  const second = "Người Mẫu Ba (luyện tập)";
  await sealed(first, "NP-000111", [
    ["Lệ phí", "8000", "Tiền mặt"],
    ["Cước bưu chính", "26000", "Chuyển khoản"],
  ]);
  await sealed(second, "NP-000333", [["Phí", "50000", "Tiền mặt"]]);

  await visit("handover");
  await read("np 000111");
  await door.shown("Niêm phong khớp: NP-000111");
  assert.ok(await page().getByRole("checkbox", { name: first }).isChecked());
  await door.look("seal-same");
  await read("NP-999999");
  await door.shown("không thuộc hồ sơ nào");
  // The envelope is counted by its code; then another's label is on it.
  browser.show(await page().getByRole("checkbox", { name: second }).evaluate(
    (box) => box.closest("label").querySelector(".code").textContent,
  ));
  await door.button("Quét phong bì").click();
  await door.shown("Đã đếm: " + second);
  await page().getByRole("button", { name: "Dừng quét" }).first().click();
  await read("NP-000111");
  await door.shown(`Niêm phong KHÔNG khớp với ${second}: đọc được NP-000111, đã ghi NP-000333`);
  await door.shown("Đây là niêm phong của hồ sơ khác: " + first);
  const ticked = await page().getByRole("checkbox", { name: second }).isChecked();
  assert.ok(!ticked, "it is not handed over");
  await door.look("seal-differs");

  await visit("close");
  await door.shown("Theo loại tiền");
  const facts = await page().locator(".facts").first().innerText();
  // Two made-up dossiers were handed over before, each with a charge of 8,000 in cash.
  for (const [name, sum] of [
    ["Lệ phí", "24.000 đồng"],
    ["Phí", "50.000 đồng"],
    ["Cước bưu chính", "0 đồng tiền mặt, 26.000 đồng chuyển khoản"],
  ]) {
    assert.match(facts, new RegExp(`(^|\n)${name}\\s+${sum}`), facts);
  }
  await door.shown("74.000 đồng");
  await door.look("close");
  assert.deepEqual(browser.faults, []);
  console.log("desk: a seal that differs is said, and the day's money is there by kind");
});
