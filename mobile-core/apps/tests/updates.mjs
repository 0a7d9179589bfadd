// A new version comes while the courier works: nothing is lost and nobody is interrupted.
//   node apps/tests/updates.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { apps, browser, play, registry } from "./support/play.mjs";
import { copyVersion, findUpdate, shownVersion } from "./support/versions.mjs";

const page = () => browser.page;

const version = (name) => copyVersion(apps, registry.folder, name);
const now = () => shownVersion(page());

await play("updates", async () => {
  browser.show("x");
  await registry.start();
  await browser.start(registry.server + "/apps/courier/");
  await browser.enrol(registry.ticket("courier", "Bưu tá").link);
  await page().getByRole("link", { name: "Nhận hồ sơ mới" }).click();
  await page().getByLabel("Tên hoặc mã thủ tục").fill("khai sinh");
  await page().getByText("Thủ tục đăng ký khai sinh").first().click();
  await page().getByRole("button", { name: "Nhận hồ sơ này" }).click();
  await page()
    .getByRole("link", { name: /Chủ hồ sơ/ })
    .first()
    .click();
  const field = page().getByLabel("Họ và tên");
  await field.fill("Lê Thị Hoa");

  // It is fetched beside the work: the page stays as it is, with what is half typed.
  await registry.stop();
  await registry.start({ apps: version("second") });
  await findUpdate(page());
  const offer = () => page().getByRole("button", { name: "Khởi động lại" });
  await offer().waitFor();
  assert.equal(await now(), "first");
  assert.equal(await field.inputValue(), "Lê Thị Hoa");
  await offer().click();
  await browser.unlock();
  await page().getByRole("heading", { level: 1, name: "Chủ hồ sơ" }).waitFor();
  assert.equal(await now(), "second");
  await page().waitForFunction(() =>
    [...document.querySelectorAll("input")].some((one) => one.value === "Lê Thị Hoa"),
  );

  // Whoever does not tap has it at the next start, even without a network.
  await registry.stop();
  await registry.start({ apps: version("third") });
  await findUpdate(page());
  await offer().waitFor();
  await registry.stop();
  await browser.kill();
  await browser.start(registry.server + "/apps/courier/");
  await browser.unlock();
  await page().getByRole("heading", { level: 1, name: "Chủ hồ sơ" }).waitFor();
  assert.equal(await now(), "third");

  // A version that cannot be fetched whole is never used.
  const broken = version("fourth");
  rmSync(join(broken, "courier/core.wasm"));
  await registry.start({ apps: broken });
  await findUpdate(page()).catch(() => undefined);
  await page().waitForTimeout(1500);
  assert.equal(await offer().count(), 0);
  await registry.stop();
  await page().reload();
  await browser.unlock();
  assert.equal(await now(), "third");
  assert.deepEqual(browser.faults, []);
  console.log("updates: taken by a tap and at the next start; a broken one never");
});
