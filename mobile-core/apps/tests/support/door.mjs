// What several tests do on the courier's screens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export class Door {
  /** Photographs of one test have one order, whosever screen it is. */
  static shots = 0;
  #screens;

  /** @param screens a folder for photographs of what was looked at, or nothing */
  constructor(browser, screens) {
    this.browser = browser;
    this.#screens = screens;
  }
  get page() {
    return this.browser.page;
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: false }).last();
  }
  link(name) {
    return this.page.getByRole("link", { name, exact: false }).last();
  }
  title(text) {
    return this.page.getByRole("heading", { level: 1, name: text }).waitFor();
  }
  shown(text) {
    return this.page.getByText(text).first().waitFor();
  }

  /** Nothing is too wide, or worth a serious word of axe. @param whole page in the photograph */
  async inspect(name, whole = true) {
    const page = this.page;
    await page.waitForTimeout(250);
    const file = `${String(++Door.shots).padStart(2, "0")}-${name}.png`;
    if (this.#screens) {
      // A dialogue is photographed as it is seen.
      const fullPage = whole && !(await page.locator("dialog[open]").count());
      await page.screenshot({ path: join(this.#screens, file), fullPage });
    }
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    const bad = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
    assert.deepEqual(bad.map((one) => `${one.id}: ${one.nodes[0].html}`), [], name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name} scrolls sideways by ${wide}`);
  }

  /** And nothing is too small for a thumb. */
  async look(name) {
    await this.inspect(name, false);
    const small = await this.page.evaluate(() =>
      [...document.querySelectorAll("a, button, label.choice, select")]
        .filter((one) => one.getClientRects().length > 0)
        .filter((one) => getComputedStyle(one).display !== "inline")
        .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 48)
        .map((one) => one.outerHTML.slice(0, 90)),
    );
    assert.deepEqual(small, [], `${name}: smaller than a thumb`);
  }

  /** A page of a paper, as a camera gives it. @return JPEG */
  async paper(words) {
    const other = await this.page.context().newPage();
    await other.setViewportSize({ width: 1240, height: 1754 });
    await other.setContent(
      '<body style="margin:90px;background:#e6e2d8;color:#222;font:30px/1.5 serif">' +
        `<h1>${words}</h1>` +
        "<p>Nội dung của giấy tờ, viết nhiều dòng để có thể đọc được. </p>".repeat(16),
    );
    const jpeg = await other.screenshot({ type: "jpeg", quality: 80 });
    await other.close();
    return jpeg;
  }

  /** From the round to the send slip, with the fewest words. @param visit goes to a screen */
  async seal(visit, id, { name = "Nguyễn Thị Phúc", seal = "NP-004512" } = {}) {
    await visit("open", "1.001193", id);
    await this.button("Nhận hồ sơ này").click();
    await this.title(name);
    await visit("dossier", id, "owner");
    const owner = this.page.getByLabel("Họ và tên");
    await owner.fill(name);
    await owner.blur();
    await visit("dossier", id, "papers");
    await this.button("Tất cả đủ như danh mục").click();
    await this.link("Tiếp: chụp giấy tờ").waitFor();
    await visit("dossier", id, "seal");
    await this.page.getByLabel("Số niêm phong").fill(seal);
    await this.issueSlip();
  }
  async issueSlip() {
    await this.button("Cấp phiếu gửi").click();
    await this.title("Phiếu gửi hồ sơ");
  }

  /** @param height of the strokes: no two people sign alike */
  async sign(height = 30) {
    const pad = this.page.locator(".pad");
    await pad.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const box = await pad.boundingBox();
    const { mouse } = this.page;
    await mouse.move(box.x + 40, box.y + box.height / 2);
    await mouse.down();
    for (let i = 0; i < 30; i++) {
      await mouse.move(box.x + 40 + i * 7, box.y + box.height / 2 + height * Math.sin(i / 3));
    }
    await mouse.up();
  }
}
