// The same app in another browser: its start, its storage, a sudden end, and what is sent.
//   node apps/tests/firefox.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { Firefox } from "./support/firefox.mjs";
import { play, registry } from "./support/play.mjs";

const PIN = "482915";
const browser = new Firefox();
const page = () => browser.page;
const address = () => `${registry.server}/apps/courier/`;

const find = (path) => page().locator(`::-p-xpath(${path})`);
const press = (name) => find(`//button[starts-with(normalize-space(.), "${name}")]`).click();
const title = (name) => find(`//h1[normalize-space(.)="${name}"]`).wait();
const shown = (text) =>
  page().waitForFunction((wanted) => document.body.innerText.includes(wanted), {}, text);
const value = (wanted) =>
  page().waitForFunction(
    (text) => [...document.querySelectorAll("input, textarea")].some((one) => one.value === text),
    {},
    wanted,
  );
async function fill(label, text) {
  const field = await find(`//*[@id=//label[normalize-space(.)="${label}"]/@for]`).waitHandle();
  await field.type(text);
  // Without a window in front Firefox tells no field that it was left.
  await field.evaluate((element) => void element.dispatchEvent(new FocusEvent("blur")));
}
async function enterPin() {
  for (const digit of PIN) await press(digit);
}
async function unlock() {
  await title("Nhập mã PIN");
  await enterPin();
  await press("Mở khóa");
}
const visit = (...place) => page().evaluate((to) => void (location.hash = to), place.join("/"));
async function restart() {
  await browser.kill();
  await browser.start(address());
  await unlock();
  say("killed and started");
}
const began = Date.now();
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(0)} s: ${text}`);

await play("firefox", async () => {
  await registry.start();
  await browser.start(address());
  say("started");
  await press("Bắt đầu");
  for (const heading of ["Đặt mã PIN", "Nhập lại mã PIN"]) {
    await title(heading);
    await enterPin();
    await press("Tiếp tục");
  }
  await fill("Đường dẫn đăng ký", registry.ticket("courier", "Bưu tá").link);
  await press("Đăng ký");
  await title("Hôm nay");
  say("enrolled");
  await page().evaluate(async () => void (await navigator.serviceWorker.ready));
  const storeBytes = await page().evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle("core");
    return (await (await store.getFileHandle("core.db")).getFile()).size;
  });
  assert.ok(storeBytes > 0, "the store is in files of the origin");
  await visit("search");
  await fill("Tên hoặc mã thủ tục", "khai sinh");
  await shown("Thủ tục đăng ký khai sinh");
  await find('//a[starts-with(normalize-space(.), "Thủ tục đăng ký khai sinh")]').click();
  await press("Nhận hồ sơ này");
  await page().waitForFunction(() => /^#\/dossier\/[0-9a-f-]{36}$/.test(location.hash));
  const id = await page().evaluate(() => location.hash.split("/")[2]);

  // No server from here on: the app starts all the same, and what was saved is there.
  await registry.stop();
  await visit("dossier", id, "owner");
  await title("Chủ hồ sơ");
  await fill("Họ và tên", "Nguyễn Thị Phúc");
  await shown("Tiếp: đếm giấy tờ");
  await restart();
  await title("Chủ hồ sơ");
  await value("Nguyễn Thị Phúc");
  await visit("dossier", id, "papers");
  await title("Đếm giấy tờ");
  await press("Tất cả đủ như danh mục");
  await shown("Tiếp: chụp giấy tờ");
  await restart();
  await title("Đếm giấy tờ");
  await shown("Tiếp: chụp giấy tờ");
  await visit("dossier", id, "seal");
  await title("Niêm phong");
  await fill("Số niêm phong", "NP-004512");
  await press("Cấp phiếu gửi");
  await title("Phiếu gửi hồ sơ");
  await page().reload();
  await unlock();
  await title("Phiếu gửi hồ sơ");

  await registry.start();
  await visit("sync");
  await press("Đồng bộ ngay");
  await page().waitForFunction(
    () =>
      document.querySelector(".notice.good") !== null &&
      document.querySelector(".figure")?.textContent === "0",
  );
  // An opened dossier, its owner's name, four kinds of papers, the seal.
  const records = registry.run("inspect", "srv");
  assert.match(records, / {2}courier {2}.* 7 records$/m);
  assert.match(records, / sealed .* effective$/m);
  assert.doesNotMatch(records, / (held|refused)\b/);
  console.log("firefox: started, killed twice without a network, and all of it was sent");
}, { firefox: browser });
