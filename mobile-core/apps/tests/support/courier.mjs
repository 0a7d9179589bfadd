// What a courier does in the app, step by step: each waits for what the step leads to.
import { Door } from "./door.mjs";

/** What the app says when it could not save. */
export const FULL = "Thiết bị đã hết chỗ lưu. Mọi thứ đã lưu vẫn an toàn; hãy giải phóng bộ nhớ.";
/** More would mean that there is no limit. */
const PHOTOS_MAX = 40;

/** The number of a parcel with the check digit that belongs to it (UPU S10). */
export function itemCode(serial) {
  const digits = String(serial).padStart(8, "0");
  const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((all, weight, at) => all + weight * digits[at], 0);
  const rest = 11 - (sum % 11);
  return `RB${digits}${rest === 10 ? 0 : rest === 11 ? 5 : rest}VN`;
}

export class Courier extends Door {
  #address;
  #signatures = 0;

  /** @param address gives the app's */
  constructor(browser, address) {
    super(browser);
    this.#address = address;
  }

  async press(name) {
    await this.button(name).click();
  }
  async follow(name) {
    await this.link(name).click();
  }
  async fill(label, text) {
    const field = this.page.getByLabel(label, { exact: true });
    await field.fill(text);
    await field.blur();
  }
  async visit(...place) {
    await this.page.goto(`${this.#address()}#/${place.join("/")}`);
  }
  /** Where the app is: the parts of its address. */
  place() {
    return new URL(this.page.url()).hash.replace(/^#\/?/, "").split("/");
  }

  /** Somebody at the door whom nobody has announced. @return the dossier */
  async openDossier() {
    await this.visit("search");
    await this.page.getByLabel("Tên hoặc mã thủ tục").fill("khai sinh");
    await this.page.getByText("Thủ tục đăng ký khai sinh").first().click();
    return this.begin();
  }
  async begin() {
    await this.press("Nhận hồ sơ này");
    await this.page.waitForURL(/#\/dossier\/[0-9a-f-]{36}$/);
    return this.place()[1];
  }

  async countPapers() {
    const all = this.button("Tất cả đủ như danh mục");
    const next = this.link("Tiếp: chụp giấy tờ");
    await all.or(next).first().waitFor();
    if (await all.isVisible()) await all.click();
    await next.waitFor();
  }

  /** The camera opens anew, as it must to see something else. */
  async openCamera(id) {
    await this.visit("dossier", id);
    await this.page.locator("video").waitFor({ state: "detached" });
    await this.visit("dossier", id, "photos");
    await this.button("Chụp").waitFor();
  }
  /** @param pages gives what the camera sees next @return how many were saved */
  async photographUntilFull(id, pages) {
    const full = this.page.getByRole("alert").getByText(FULL);
    for (let saved = 0; saved < PHOTOS_MAX; saved++) {
      this.browser.showPages(pages());
      await this.openCamera(id);
      await this.press("Chụp");
      await this.page.getByText("Đã lưu 1 ảnh").or(full).first().waitFor();
      if (await full.isVisible()) return saved;
    }
    throw new Error("never full");
  }
  /** The browser remembers for a while that there was no room. */
  async pressUntilSaved(name) {
    const saved = this.page.getByText("Đã lưu 1 ảnh");
    while (!(await saved.isVisible())) {
      await this.press(name);
      await saved.or(this.page.getByText(FULL)).first().waitFor();
    }
  }
  savedPhotos(count) {
    return this.shown(`Đã lưu ${count} ảnh`);
  }

  async scanSeal(code) {
    this.browser.show(code);
    await this.press("Quét mã niêm phong");
    await this.page.waitForFunction(
      (wanted) => [...document.querySelectorAll("input")].some((one) => one.value === wanted),
      code,
    );
  }
  async confirm() {
    await this.follow("Người dân xác nhận");
    await this.follow("Chữ ký vẽ tay");
    await this.title("Chữ ký vẽ tay");
    await this.sign(20 + 5 * ++this.#signatures);
    await this.press("Lưu xác nhận");
    await this.shown("Người dân đã xác nhận");
  }

  /** What waits is sent, photographs too, and the office's news are here. */
  async sync() {
    await this.visit("sync");
    await this.press("Đồng bộ ngay");
    await this.sent();
  }
  async sent(timeout = 60_000) {
    await this.page.waitForFunction(
      () =>
        document.querySelector(".notice.good") !== null &&
        document.querySelector(".figure")?.textContent === "0" &&
        !document.body.textContent.includes("ảnh chưa gửi"),
      undefined,
      { timeout },
    );
  }
}
