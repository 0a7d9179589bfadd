// What several tests do on the courier's screens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export class Door {
  #browser;
  #screens;
  #shots = 0;

  /** @param screens a folder for photographs of what was looked at, or nothing */
  constructor(browser, screens) {
    this.#browser = browser;
    this.#screens = screens;
  }
  get #page() {
    return this.#browser.page;
  }

  button(name) {
    return this.#page.getByRole("button", { name, exact: false }).last();
  }
  link(name) {
    return this.#page.getByRole("link", { name, exact: false }).last();
  }
  title(text) {
    return this.#page.getByRole("heading", { level: 1, name: text }).waitFor();
  }
  shown(text) {
    return this.#page.getByText(text).first().waitFor();
  }

  /** Nothing is too wide, too small for a thumb, or worth a serious word of axe. */
  async look(name) {
    const page = this.#page;
    await page.waitForTimeout(250);
    if (this.#screens) {
      const file = `${String(++this.#shots).padStart(2, "0")}-${name}.png`;
      await page.screenshot({ path: join(this.#screens, file) });
    }
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    const bad = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
    assert.deepEqual(bad.map((one) => `${one.id}: ${one.nodes[0].html}`), [], name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name} scrolls sideways by ${wide}`);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("a, button, label.choice, select")]
        .filter((one) => one.getClientRects().length > 0)
        .filter((one) => getComputedStyle(one).display !== "inline")
        .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 48)
        .map((one) => one.outerHTML.slice(0, 90)),
    );
    assert.deepEqual(small, [], `${name}: smaller than a thumb`);
  }

  /** From the round to the send slip, with the fewest words. @param visit goes to a screen */
  async seal(visit, id, { name = "Nguyễn Thị Phúc", seal = "NP-004512" } = {}) {
    await visit("open", "1.001193", id);
    await this.button("Nhận hồ sơ này").click();
    await this.title(name);
    await visit("dossier", id, "owner");
    const owner = this.#page.getByLabel("Họ và tên");
    await owner.fill(name);
    await owner.blur();
    await visit("dossier", id, "papers");
    await this.button("Tất cả đủ như danh mục").click();
    await this.link("Tiếp: chụp giấy tờ").waitFor();
    await visit("dossier", id, "seal");
    await this.#page.getByLabel("Số niêm phong").fill(seal);
    await this.button("Cấp phiếu gửi").click();
    await this.title("Phiếu gửi hồ sơ");
  }

  async sign() {
    const pad = this.#page.locator(".pad");
    await pad.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const box = await pad.boundingBox();
    const { mouse } = this.#page;
    await mouse.move(box.x + 40, box.y + box.height / 2);
    await mouse.down();
    for (let i = 0; i < 30; i++) {
      await mouse.move(box.x + 40 + i * 7, box.y + box.height / 2 + 30 * Math.sin(i / 3));
    }
    await mouse.up();
  }
}
