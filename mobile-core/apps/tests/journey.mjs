// One courier's day in a real browser, with the real core and a real server: every screen is
// photographed, looked through by axe, and the browser is killed where it hurts.
//   node apps/tests/journey.mjs [--screens FOLDER]     photographs go there
// TANNHA_BIN: folder of tannha and tannhad; TANNHA_APPS: folder of the built apps.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./support/browser.mjs";
import { Registry, UNIT } from "./support/registry.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const bin = process.env.TANNHA_BIN ?? join(root, "build/release/bin");
const apps = process.env.TANNHA_APPS ?? join(root, "build/apps");
const at = process.argv.indexOf("--screens");
const screens = at > 0 ? resolve(process.argv[at + 1]) : undefined;
if (screens) mkdirSync(screens, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const CARD =
  "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài, xã Hoa Lư, tỉnh Ninh Bình|15042021";
/** What the product promises of the door. */
const TAPS_MAX = 25;
const TYPED_MAX = 3;

const registry = new Registry({ bin, apps });
const browser = new Browser();
let taps = 0;
let typed = 0;
let shots = 0;
const page = () => browser.page;
const button = (name) => page().getByRole("button", { name, exact: false }).last();
const link = (name) => page().getByRole("link", { name, exact: false }).last();

async function tap(locator) {
  await locator.click();
  taps++;
}
async function type(label, text) {
  const field = page().getByLabel(label);
  await field.fill(text);
  await field.blur();
  typed++;
}
const title = (text) => page().getByRole("heading", { level: 1, name: text }).waitFor();
const shown = (text) => page().getByText(text).first().waitFor();

/** Photographs the screen and asks axe; nothing serious may be left. */
async function look(name) {
  await page().waitForTimeout(250);
  if (screens) {
    await page().screenshot({
      path: join(screens, `${String(++shots).padStart(2, "0")}-${name}.png`),
    });
  }
  await page().evaluate(axe);
  const { violations } = await page().evaluate(() => globalThis.axe.run(document));
  const bad = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  assert.deepEqual(
    bad.map((one) => `${one.id}: ${one.nodes[0].html}`),
    [],
    name,
  );
  const wide = await page().evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide}`);
  const small = await page().evaluate(() =>
    [...document.querySelectorAll("a, button, label.choice, select")]
      .filter(
        (one) => one.getClientRects().length > 0 && getComputedStyle(one).display !== "inline",
      )
      .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 48)
      .map((one) => one.outerHTML.slice(0, 90)),
  );
  assert.deepEqual(small, [], `${name}: smaller than a thumb`);
}

const enterPin = () => browser.enterPin();
const unlock = () => browser.unlock();
/** A page of a paper, as a camera gives it. @return JPEG */
async function paper(words) {
  const other = await page().context().newPage();
  await other.setViewportSize({ width: 1240, height: 1754 });
  await other.setContent(
    `<body style="margin:90px;background:#e6e2d8;color:#222;font:30px/1.5 serif">` +
      `<h1>${words}</h1>` +
      `<p>Nội dung của giấy tờ, viết nhiều dòng để có thể đọc được. </p>`.repeat(16),
  );
  const jpeg = await other.screenshot({ type: "jpeg", quality: 80 });
  await other.close();
  return jpeg;
}

async function enrolment() {
  await title("Tận Nhà");
  await look("welcome");
  await button("Bắt đầu").click();
  await title("Đặt mã PIN");
  await look("pin");
  await enterPin();
  await button("Tiếp tục").click();
  await title("Nhập lại mã PIN");
  await enterPin();
  await button("Tiếp tục").click();
  await title("Đăng ký thiết bị");
  await look("enrol");
  // A ticket that nobody has made is refused in words, and nothing else happens.
  await page()
    .getByLabel("Đường dẫn đăng ký")
    .fill(registry.server + "/#AAAA");
  await button("Đăng ký").click();
  await page().getByRole("alert").waitFor();
  const { link: ticket, actor } = registry.ticket("courier", "Bưu tá Nguyễn Văn An");
  await page().getByLabel("Đường dẫn đăng ký").fill(ticket);
  await button("Đăng ký").click();
  await title("Hôm nay");
  return actor;
}

async function assignment(courier) {
  registry.enrol("dispatcher", "Điều phối");
  registry.enrol("officer", "Một cửa");
  const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();
  const wanted = dispatch(
    "request",
    "1.001193",
    "--unit",
    UNIT,
    "--name",
    "Nguyễn Thị Phúc",
    "--phone",
    "0912345678",
    "--address",
    "Thôn Đoài, xã Hoa Lư, tỉnh Ninh Bình",
  );
  const second = dispatch(
    "request",
    "2.000635",
    "--unit",
    UNIT,
    "--name",
    "Trần Văn Bình",
    "--phone",
    "0987654321",
    "--address",
    "Phố Trần Hưng Đạo, phường Nam Bình",
  );
  for (const id of [wanted, second]) dispatch("assign", id, courier);
  dispatch("sync");
  await visit("sync");
  await button("Đồng bộ ngay").click();
  await shown("Trần Văn Bình");
  await look("sync");
  await page().getByRole("link", { name: "Hôm nay" }).click();
  await shown("Nguyễn Thị Phúc");
  await look("round");
}

/** From the round to the citizen's confirmation, without a network. */
async function door() {
  await registry.stop();
  taps = 0;
  typed = 0;
  await tap(page().getByText("Nguyễn Thị Phúc"));
  await tap(link("Bắt đầu nhận hồ sơ"));
  await title("Thủ tục");
  await look("procedure");
  await tap(button("Nhận hồ sơ này"));
  await title("Nguyễn Thị Phúc");
  await look("dossier");
  await tap(link("Chủ hồ sơ"));
  await title("Chủ hồ sơ");
  await tap(button("Quét thẻ căn cước"));
  await link("Tiếp: đếm giấy tờ").waitFor();
  assert.equal(await page().getByLabel("Số định danh cá nhân").inputValue(), "037160100200");
  await type("Điện thoại", "0912 345 678");
  await look("owner");
  await tap(link("Tiếp: đếm giấy tờ"));
  await title("Đếm giấy tờ");
  await look("papers");
  await tap(button("Tất cả đủ như danh mục"));
  await tap(link("Tiếp: chụp giấy tờ"));
  await title("Chụp giấy tờ");
  await look("camera");
  const jpeg = await paper("TỜ KHAI ĐĂNG KÝ KHAI SINH");
  const camera = page().locator('input[type="file"]');
  await camera.setInputFiles({ name: "page.jpg", mimeType: "image/jpeg", buffer: jpeg });
  await page().locator(".photos img").waitFor();
  await look("photos");
  await tap(link("Tiếp: thu phí"));
  await title("Thu phí, lệ phí");
  await type("Số tiền (đồng)", "8000");
  await look("money");
  await tap(button("Ghi đã thu 8.000 đồng"));
  await tap(link("Tiếp: niêm phong"));
  await title("Niêm phong");
  await type("Số niêm phong", "NP-004512");
  await look("seal");

  // The phone goes off here: what was entered is there, and so is the place.
  await browser.kill();
  await browser.start(registry.server + "/apps/courier/");
  await look("lock");
  await unlock();
  await title("Niêm phong");
  await shown("Đã đếm");
  await shown("8.000 đồng");
  await page().getByLabel("Số niêm phong").fill("NP-004512");

  await tap(button("Cấp phiếu gửi"));
  await title("Phiếu gửi hồ sơ");
  await look("slip");
  await tap(link("Người dân xác nhận"));
  await look("confirm");
  await page().getByRole("link", { name: "Hai điện thoại" }).click();
  await title("Hai điện thoại");
  await page().locator(".qr path").waitFor();
  await look("two-phones");
  await page().goBack();
  await tap(page().getByRole("link", { name: "Chữ ký vẽ tay" }));
  await title("Chữ ký vẽ tay");
  await sign();
  await look("signature");
  await tap(button("Lưu xác nhận"));
  await shown("Người dân đã xác nhận");
  assert.ok(taps <= TAPS_MAX, `${taps} taps at the door`);
  assert.ok(typed <= TYPED_MAX, `${typed} typed fields at the door`);
  console.log(`door: ${taps} taps, ${typed} typed fields`);
}

async function sign() {
  const pad = page().locator(".pad");
  await pad.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const box = await pad.boundingBox();
  await page().mouse.move(box.x + 40, box.y + box.height / 2);
  await page().mouse.down();
  for (let i = 0; i < 30; i++) {
    await page().mouse.move(box.x + 40 + i * 7, box.y + box.height / 2 + 30 * Math.sin(i / 3));
  }
  await page().mouse.up();
}

async function desk() {
  await visit("sync");
  await button("Đồng bộ ngay").click();
  await shown("Chưa đồng bộ được");
  await look("sync-waiting");
  await visit("handover");
  await page().getByRole("checkbox").first().check();
  await look("handover");
  await button("Ký biên bản giao").click();
  await shown("Chờ Một cửa ký nhận");
  await visit("close");
  await shown("8.000 đồng");
  await look("close");
  await registry.start();
  await visit("sync");
  await button("Đồng bộ ngay").click();
  await shown("Lần cuối");
  await page().waitForFunction(() => document.querySelector(".figure")?.textContent === "0");
  await look("sync-done");
}

/** The office's side, in the terminal: what the courier has offered last is counted and taken. */
function countBag(procedure) {
  office("sync");
  const id = new RegExp(`^(\\S+).*${procedure}`, "m").exec(office("show"))[1];
  const offers = [
    ...registry.run("inspect", "officer").matchAll(/(\S+) {2}log .* handover_offered /g),
  ];
  office("take-handover", offers.at(-1)[1], "--accept");
  office("sync");
  return id;
}
const office = (...args) => registry.run("office", "--data", "officer", ...args);

async function sync() {
  await visit("sync");
  await button("Đồng bộ ngay").click();
  await page().waitForFunction(
    () =>
      document.querySelector(".notice.good") !== null &&
      document.querySelector(".figure")?.textContent === "0",
  );
}
async function visit(...place) {
  await page().goto(`${registry.server}/apps/courier/#/${place.join("/")}`);
}

/** The result comes back: first nobody is there, then it is given against a signature. */
async function result() {
  const id = countBag("1.001193");
  office("decide", id, "Giấy khai sinh");
  office("return", id);
  office("sync");
  await sync();
  await visit("handover");
  await shown("Một cửa giao 1 kết quả");
  await look("results");
  await button("Đã đếm, ký nhận").click();
  await shown("Túi không có hồ sơ nào");
  await visit();
  await page().getByRole("button", { name: "Trả kết quả (1)" }).click();
  await look("round-results");
  await page().getByText("Nguyễn Thị Phúc").click();
  await link("Trả kết quả").click();
  await title("Trả kết quả");
  await page().getByLabel("Chưa trao được").check();
  await look("attempt");
  await button("Lưu lần đến này").click();
  await link("Trả kết quả").click();
  await shown("Đã đến 1 trên 2 lần");
  await sign();
  await look("deliver");
  await button("Lưu: đã trao").click();
  await shown("Đã trả kết quả");
  await look("delivered");
}

/** The office asks for more; the courier brings it. */
async function supplement() {
  await visit();
  await page()
    .getByRole("button", { name: /Nhận hồ sơ/ })
    .click();
  await page().getByText("Trần Văn Bình").click();
  await link("Bắt đầu nhận hồ sơ").click();
  await button("Nhận hồ sơ này").click();
  await link("Ghi chú").click();
  await page().getByLabel("Nội dung").fill("Nhà ở cuối ngõ.");
  await look("note");
  await button("Lưu ghi chú").click();
  await link("Chủ hồ sơ").click();
  await type("Họ và tên", "Trần Văn Bình");
  await link("Tiếp: đếm giấy tờ").click();
  // Three taps as fast as a thumb are three papers.
  await page().getByRole("button", { name: "Đếm", exact: true }).first().click();
  const more = page().getByRole("button", { name: "Thêm Bản chụp" }).first();
  await more.evaluate(async (plus) => {
    for (let tap = 0; tap < 3; tap++) {
      plus.click();
      await new Promise((next) => setTimeout(next, 80));
    }
  });
  await shown("3 bản");
  await look("counting");
  await button("Tất cả đủ như danh mục").click();
  await link("Tiếp: chụp giấy tờ").waitFor();
  await page().getByRole("link", { name: "Về hồ sơ" }).click();
  await page()
    .getByRole("link", { name: /Niêm phong/ })
    .click();
  await type("Số niêm phong", "NP-004513");
  await button("Cấp phiếu gửi").click();
  await link("Người dân xác nhận").waitFor();
  await visit("handover");
  await page().getByRole("checkbox").first().check();
  await button("Ký biên bản giao").click();
  await shown("Chờ Một cửa ký nhận");
  await sync();
  const id = countBag("2.000635");
  office("supplement", id, "Thiếu giấy tờ", "--item", "Bản sao có chứng thực căn cước");
  office("sync");
  await sync();
  await visit();
  await page().getByText("Trần Văn Bình").click();
  await shown("Cơ quan yêu cầu bổ sung");
  await look("supplement");
  await link("Nhận giấy tờ bổ sung").click();
  await type("Đã nhận những gì", "Một bản sao có chứng thực căn cước");
  await button("Đã đủ giấy tờ bổ sung").click();
  await shown("Đã bổ sung");
  await sync();
}

/** Everything beside the dossiers, and the same screens for other eyes. */
async function rest() {
  await visit("search");
  await page().getByLabel("Tên hoặc mã thủ tục").fill("khai sinh");
  await shown("Thủ tục đăng ký khai sinh");
  await look("search");
  for (const [place, heading] of [
    ["more", "Thêm"],
    ["settings", "Cài đặt"],
    ["training", "Luyện tập"],
    ["help", "Trợ giúp"],
  ]) {
    await visit(place);
    await title(heading);
    await look(place);
  }
  // Training is another store: nothing of the real one is there, and all of it is afterwards.
  await visit("training");
  await button("Bắt đầu luyện tập").click();
  await shown("LUYỆN TẬP");
  await title("Hôm nay");
  await shown("Người Mẫu Một (luyện tập)");
  await look("training-begun");
  await button("Dừng luyện tập").click();
  await unlock();
  await title("Hôm nay");
  await visit("settings");
  await page().getByLabel("Tối", { exact: true }).check();
  for (const place of ["settings", "sync", ""]) {
    await visit(place);
    await look(`dark-${place || "round"}`);
  }
  await visit("settings");
  await page().getByLabel("Tương phản cao").check();
  await visit("sync");
  await look("contrast");
  await visit("settings");
  await page().getByLabel("English").check();
  await title("Settings");
  await page().getByLabel("As the phone").check();
  await visit();
  await look("english");
  // 200 % text: as the browser's own setting does it.
  const session = await page().context().newCDPSession(page());
  await session.send("Emulation.setDeviceMetricsOverride", {
    width: 360,
    height: 740,
    deviceScaleFactor: 1,
    mobile: true,
  });
  await page().addStyleTag({ content: "html { font-size: 200% }" });
  for (const place of ["", "sync", "close", "handover"]) {
    await visit(place);
    await look(`large-${place || "round"}`);
  }
}

try {
  browser.show(CARD);
  await registry.start();
  await browser.start(registry.server + "/apps/courier/");
  const courier = await enrolment();
  await assignment(courier);
  await door();
  await desk();
  await result();
  await supplement();
  await rest();
  assert.deepEqual(browser.faults, []);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  await page()
    ?.screenshot({ path: join(screens ?? "/tmp", "fault.png") })
    .catch(() => undefined);
} finally {
  await browser.end().catch(() => undefined);
  await registry.stop().catch(() => undefined);
  registry.remove();
  // What a killed browser leaves of its connection must not hold the test.
  process.exit();
}
