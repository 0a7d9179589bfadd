// The same app in another browser: its start, its storage, a sudden end, and what is sent.
//   node apps/tests/firefox.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Firefox } from "./support/firefox.mjs";
import { Registry } from "./support/registry.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const bin = process.env.TANNHA_BIN ?? join(root, "build/release/bin");
const apps = process.env.TANNHA_APPS ?? join(root, "build/apps");
const PIN = "482915";
const registry = new Registry({ bin, apps });
const browser = new Firefox();
const page = () => browser.page;
const address = () => `${registry.server}/apps/courier/`;

const named = (role, name) => page().locator(`::-p-aria([role="${role}"][name="${name}"])`);
const press = (name) => named("button", name).click();
const title = (name) => named("heading", name).wait();
const shown = (text) => page().locator(`::-p-text(${text})`).wait();
const value = (wanted) =>
  page().waitForFunction(
    (text) => [...document.querySelectorAll("input, textarea")].some((one) => one.value === text),
    {},
    wanted,
  );
async function fill(label, text) {
  await named("textbox", label).fill(text);
  await page().keyboard.press("Tab");
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
}

try {
  await registry.start();
  await browser.start(address());
  await press("Bắt đầu");
  for (const heading of ["Đặt mã PIN", "Nhập lại mã PIN"]) {
    await title(heading);
    await enterPin();
    await press("Tiếp tục");
  }
  await fill("Đường dẫn đăng ký", registry.ticket("courier", "Bưu tá").link);
  await press("Đăng ký");
  await title("Hôm nay");
  await page().evaluate(async () => void (await navigator.serviceWorker.ready));
  const kind = await page().evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle("core");
    return (await (await store.getFileHandle("core.db")).getFile()).size;
  });
  assert.ok(kind > 0, "the store is in files of the origin");
  await visit("search");
  await fill("Tên hoặc mã thủ tục", "khai sinh");
  await shown("Thủ tục đăng ký khai sinh");
  await page().locator("::-p-text(Thủ tục đăng ký khai sinh)").click();
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
  await page().locator("::-p-text(Tất cả đủ như danh mục)").click();
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
  const records = registry.run("inspect", "srv");
  for (const type of ["capture_opened", "sealed"]) assert.match(records, new RegExp(` ${type} `));
  assert.equal(records.match(/ document_checked .* effective$/gm)?.length, 4);
  console.log(`firefox: started, killed twice without a network, and all of it was sent`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.end().catch(() => undefined);
  await registry.stop().catch(() => undefined);
  registry.remove();
  process.exit();
}
