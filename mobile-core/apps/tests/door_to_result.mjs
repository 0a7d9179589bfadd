// One dossier from the door to its result, in three real browsers with the real core and a real
// server: an officer, a courier and a citizen. At the door there is no server, and the two phones
// know of each other only what their cameras see. Every screen of the citizen's page and of the
// officers' console is photographed and looked through by axe.
//   node apps/tests/door_to_result.mjs [--screens FOLDER]     photographs go there
// TANNHA_BIN: folder of tannha and tannhad; TANNHA_APPS: folder of the built apps.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./support/browser.mjs";
import { film, watch } from "./support/eyes.mjs";
import { Registry, UNIT } from "./support/registry.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const bin = process.env.TANNHA_BIN ?? join(root, "build/release/bin");
const apps = process.env.TANNHA_APPS ?? join(root, "build/apps");
const option = process.argv.indexOf("--screens");
const screens = option > 0 ? resolve(process.argv[option + 1]) : undefined;
if (screens) mkdirSync(screens, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PIN = "482915";
/** The citizen's page asks for news three times a minute. */
const CITIZEN_MS_MAX = 40_000;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 800 };

const registry = new Registry({ bin, apps });
const people = { officer: new Browser(), courier: new Browser(), citizen: new Browser() };
const { officer, courier, citizen } = people;
const stranger = new Browser();
let shots = 0;

const button = (of, name) => of.page.getByRole("button", { name, exact: false }).last();
const link = (of, name) => of.page.getByRole("link", { name, exact: false }).last();
const title = (of, text) => of.page.getByRole("heading", { level: 1, name: text }).waitFor();
const shown = (of, text) => of.page.getByText(text).first().waitFor();
const visit = (of, app, ...place) =>
  of.page.goto(`${registry.server}/apps/${app}/#/${place.join("/")}`);

async function inspect(of, name) {
  await of.page.waitForTimeout(250);
  shots++;
  if (screens) {
    const path = join(screens, `${String(shots).padStart(2, "0")}-${name}.png`);
    await of.page.screenshot({ path, fullPage: !(await of.page.locator("dialog[open]").count()) });
  }
  await of.page.evaluate(axe);
  const { violations } = await of.page.evaluate(() => globalThis.axe.run(document));
  const bad = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  assert.deepEqual(
    bad.map((one) => `${one.id}: ${one.nodes[0].html}`),
    [],
    name,
  );
  const wide = await of.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide}`);
}

/** At a desk, and on a phone. */
async function look(name) {
  await inspect(officer, `officer-${name}`);
  await officer.page.setViewportSize(PHONE);
  await inspect(officer, `officer-${name}-phone`);
  await officer.page.setViewportSize(DESKTOP);
}

/** What one screen shows is what the other's camera sees from now on. */
async function faces(seeing, shower) {
  const code = shower.page.locator(".qr").last();
  await code.waitFor();
  const pictures = await watch(code);
  await film(shower.page, pictures, seeing.camera);
  return pictures.length;
}

async function paper(of, words) {
  const other = await of.page.context().newPage();
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

async function signIn() {
  await visit(officer, "officer");
  await officer.page.setViewportSize(DESKTOP);
  await title(officer, "Bàn làm việc Một cửa");
  await officer.page.getByLabel("Đặt mã PIN").fill("123456");
  await officer.page.getByLabel("Nhập lại mã PIN").fill("123456");
  await button(officer, "Tạo khóa").click();
  // A PIN that everybody tries first is the core's to refuse.
  await officer.page.getByRole("alert").waitFor();
  await look("first");
  await officer.page.getByLabel("Đặt mã PIN").fill(PIN);
  await officer.page.getByLabel("Nhập lại mã PIN").fill(PIN);
  await officer.page.keyboard.press("Enter");
  await title(officer, "Đăng ký trình duyệt");
  await look("enrol");
  const { link: ticket } = registry.ticket("officer", "Trần Thị Cúc");
  await officer.page.getByLabel("Đường dẫn đăng ký").fill(ticket);
  await officer.page.keyboard.press("Enter");
  await title(officer, "Hàng đợi");
  await shown(officer, "Không có hồ sơ nào ở đây");
  await look("queue-empty");
  await button(officer, "Khóa").click();
  await title(officer, "Đăng nhập");
  await look("sign-in");
  await officer.page.getByLabel("Mã PIN").fill("999111");
  await officer.page.keyboard.press("Enter");
  await officer.page.getByRole("alert").waitFor();
  await officer.page.getByLabel("Mã PIN").fill(PIN);
  await officer.page.keyboard.press("Enter");
  await title(officer, "Hàng đợi");
}

async function enterPin() {
  for (const digit of PIN)
    await courier.page.locator(".digits").getByText(digit, { exact: true }).click();
  await button(courier, "Tiếp tục").click();
}

/** @return the courier's actor id */
async function enrolCourier() {
  await visit(courier, "courier");
  await button(courier, "Bắt đầu").click();
  await title(courier, "Đặt mã PIN");
  await enterPin();
  await title(courier, "Nhập lại mã PIN");
  await enterPin();
  const { link: ticket, actor } = registry.ticket("courier", "Nguyễn Văn An");
  await courier.page.getByLabel("Đường dẫn đăng ký").fill(ticket);
  await button(courier, "Đăng ký").click();
  await title(courier, "Hôm nay");
  return actor;
}

async function sync(of = courier) {
  await visit(of, "courier", "sync");
  await button(of, "Đồng bộ ngay").click();
  await of.page.waitForFunction(
    () =>
      document.querySelector(".notice.good") !== null &&
      document.querySelector(".figure")?.textContent === "0",
  );
}

async function pickup(actor) {
  registry.enrol("dispatcher", "Điều phối");
  const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();
  const id = dispatch(
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
  dispatch("assign", id, actor);
  dispatch("sync");
}

/** The officer shows a link as a code; the citizen's camera reads it, and a key is made. */
async function invitation() {
  await visit(officer, "officer", "citizens");
  await shown(officer, "Nguyễn Thị Phúc");
  await look("citizens");
  await button(officer, "Tạo đường dẫn").click();
  await faces(citizen, officer);
  await look("invitation");
  await citizen.start(`${registry.server}/apps/citizen/`);
  await inspect(citizen, "citizen-no-link");
  await button(citizen, "Quét mã QR").click();
  await shown(citizen, "Ông/bà được mời theo dõi");
  await inspect(citizen, "citizen-invite");
  const invitation = citizen.page.url();
  await button(citizen, "Mở hồ sơ").click();
  await shown(citizen, "Bưu tá sẽ đến nhà");
  await inspect(citizen, "citizen-assigned");
  assert.ok(
    !citizen.page.url().includes("#A") && citizen.page.url().endsWith("#/"),
    "the ticket is gone",
  );
  // The same link on another phone: it was for one key, and says so.
  await stranger.start(invitation);
  await button(stranger, "Mở hồ sơ").click();
  await stranger.page.getByRole("alert").waitFor();
  assert.equal(await stranger.page.getByText("Nguyễn Thị Phúc").count(), 0);
  await stranger.end();
  await button(officer, "Đóng").click();
}

async function door() {
  await sync();
  await registry.stop();
  await visit(courier, "courier");
  await courier.page.getByText("Nguyễn Thị Phúc").click();
  await link(courier, "Bắt đầu nhận hồ sơ").click();
  await button(courier, "Nhận hồ sơ này").click();
  await link(courier, "Chủ hồ sơ").click();
  const name = courier.page.getByLabel("Họ và tên");
  await name.fill("Nguyễn Thị Phúc");
  await name.blur();
  await link(courier, "Tiếp: đếm giấy tờ").click();
  await button(courier, "Tất cả đủ như danh mục").click();
  await link(courier, "Tiếp: chụp giấy tờ").click();
  await courier.page.locator('input[type="file"]').setInputFiles({
    name: "page.jpg",
    mimeType: "image/jpeg",
    buffer: await paper(courier, "TỜ KHAI ĐĂNG KÝ KHAI SINH"),
  });
  await courier.page.locator(".photos img").waitFor();
  await link(courier, "Tiếp: thu phí").click();
  const money = courier.page.getByLabel("Số tiền (đồng)");
  await money.fill("8000");
  await money.blur();
  await button(courier, "Ghi đã thu 8.000 đồng").click();
  await link(courier, "Tiếp: niêm phong").click();
  const seal = courier.page.getByLabel("Số niêm phong");
  await seal.fill("NP-004512");
  await seal.blur();
  await button(courier, "Cấp phiếu gửi").click();
  await link(courier, "Người dân xác nhận").click();
  await courier.page.getByRole("link", { name: "Hai điện thoại" }).click();
  await title(courier, "Hai điện thoại");
}

/** Nobody has a network: slip and countersignature go from screen to camera, and back. */
async function twoPhones() {
  const there = await faces(citizen, courier);
  await shown(citizen, "Không có mạng: dùng hai điện thoại");
  await link(citizen, "Không có mạng").click();
  await title(citizen, "Hai điện thoại");
  await inspect(citizen, "citizen-phones");
  await citizen.page.getByRole("link", { name: /Ông\/bà quét máy/ }).click();
  await title(citizen, "Xem lại và xác nhận");
  await shown(citizen, "NP-004512");
  await shown(citizen, "8.000 đồng");
  await inspect(citizen, "citizen-review");
  await citizen.page.getByText("Xác nhận nghĩa là gì?").click();
  await inspect(citizen, "citizen-meaning");
  await button(citizen, "Tôi xác nhận").click();
  await title(citizen, "Đưa bưu tá quét");
  const back = await faces(courier, citizen);
  await inspect(citizen, "citizen-show");
  await button(courier, "Quét mã trả lời").click();
  await shown(courier, "Người dân đã xác nhận");
  await shown(courier, "Mức A");
  console.log(`door: ${there} codes to the citizen, ${back} codes back, no network`);
  await link(citizen, "Xong").click();
  await shown(citizen, "sẽ tự gửi khi có mạng");
  await inspect(citizen, "citizen-offline-receipt");
  // The phone goes off, and is opened again without a network: key and receipt are there.
  await citizen.kill();
  await citizen.start(`${registry.server}/apps/citizen/`);
  await shown(citizen, "sẽ tự gửi khi có mạng");
}

/** Other couriers fill the queue from the terminal; one of them has a copy of its phone. */
function others() {
  registry.run("enrol", "--data", "phone", registry.ticket("courier", "Lê Văn Dũng").link);
  const phone = (data, ...args) => registry.run("phone", "--data", data, ...args);
  phone("phone", "sync");
  const ids = [];
  for (const [procedure, name, born] of [
    ["2.000635", "Trần Văn Bình", "1975"],
    ["1.001193", "Phạm Thị Hoa", "1988"],
    ["2.000635", "Đinh Công Tráng", "1990"],
  ]) {
    const printed = phone("phone", "open", procedure);
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(printed)[0];
    phone(
      "phone",
      "scan",
      id,
      `0370${born.slice(2)}100200||${name}|0101${born}|Nam|Phố Đông Thành, phường Hoa Lư|15042021`,
    );
    phone("phone", "tick", id, "1", "--originals", "1");
    phone("phone", "seal", id, "NP-1" + ids.length);
    ids.push(id);
  }
  phone("phone", "handover", UNIT, ...ids);
  phone("phone", "sync");
  // A phone whose copy goes on beside it: what the copies write is held for officers to see.
  cpSync(join(registry.folder, "phone"), join(registry.folder, "copy"), { recursive: true });
  for (const data of ["phone", "copy"]) {
    phone(data, "note", ids[0], "Ghi chú từ " + data);
    phone(data, "sync");
  }
}

async function desk() {
  await registry.start();
  await visit(citizen, "citizen");
  await shown(citizen, "Máy chủ đã nhận");
  await inspect(citizen, "citizen-receipt");
  await visit(officer, "officer");
  await visit(courier, "courier", "handover");
  await courier.page.getByRole("checkbox").first().check();
  await button(courier, "Ký biên bản giao").click();
  await shown(courier, "Chờ Một cửa ký nhận");
  await sync();
  // The officer's page is not touched: what is new comes to it.
  await shown(officer, "Có 1 túi hồ sơ chờ ký nhận");
  others();
  await shown(officer, "Có 2 túi hồ sơ chờ ký nhận");
  await link(officer, "Mở").click();
  await title(officer, "Nhận túi hồ sơ");
  const bag = (who) => officer.page.locator("section.card", { hasText: "Túi của " + who });
  const first = bag("Nguyễn Văn An");
  await first.getByLabel("Số bưu gửi hoặc số phiếu").fill("EB000000000VN");
  await officer.page.keyboard.press("Enter");
  await first.getByText("không có trong túi này").waitFor();
  const item = await first.locator(".choice .code").first().textContent();
  await first.getByLabel("Số bưu gửi hoặc số phiếu").fill(item);
  await officer.page.keyboard.press("Enter");
  await first.getByText("Đã đánh dấu: Nguyễn Thị Phúc").waitFor();
  const second = bag("Lê Văn Dũng");
  await second.getByRole("checkbox").nth(0).check();
  await second.getByRole("checkbox").nth(1).check();
  await look("bags");
  await second.getByRole("button", { name: "Ký nhận 2, ghi thiếu 1" }).click();
  await look("bags-missing");
  await officer.page.locator("dialog").getByRole("button", { name: "Ký và lưu" }).click();
  await second.waitFor({ state: "detached" });
  await first.getByRole("button", { name: "Ký nhận 1 phong bì" }).click();
  await shown(officer, "Không có túi nào chờ ký nhận");
}

const form = () => officer.page.locator("dialog[open]");

async function decide() {
  await visit(officer, "officer");
  await shown(officer, "Chưa có hạn");
  await look("queue");
  await officer.page.keyboard.press("/");
  await officer.page.keyboard.type("tran van binh");
  await officer.page.getByText("Phạm Thị Hoa").waitFor({ state: "detached" });
  await officer.page.keyboard.press("ArrowDown");
  await officer.page.keyboard.press("Enter");
  await title(officer, "Trần Văn Bình");
  await button(officer, "Yêu cầu bổ sung").click();
  await form().getByLabel("Giấy tờ 1").fill("Bản sao có chứng thực căn cước");
  await form().getByRole("button", { name: "Thêm giấy tờ" }).click();
  await form().getByRole("textbox", { name: "Giấy tờ 2" }).fill("Tờ khai có chữ ký");
  await form().getByLabel("Lý do").fill("Hồ sơ chưa đủ thành phần theo danh mục");
  await look("supplement");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await shown(officer, "Đã yêu cầu bổ sung");
  await look("case-supplement");
  await link(officer, "Hàng đợi").click();
  const other = officer.page
    .locator("a.cover", { hasText: /Phạm Thị Hoa|Đinh Công Tráng/ })
    .first();
  await other.click();
  await button(officer, "Từ chối").click();
  await form().getByLabel("Lý do").fill("Không thuộc thẩm quyền giải quyết của xã");
  await look("refuse");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await shown(officer, "Lý do từ chối");

  await visit(officer, "officer");
  await officer.page.locator("a.cover", { hasText: "Nguyễn Thị Phúc" }).click();
  await title(officer, "Nguyễn Thị Phúc");
  await officer.page.locator(".photos img").first().waitFor();
  await shown(officer, "Mức A");
  await look("case");
  await officer.page.locator(".photos button").first().click();
  await officer.page.locator("dialog.photo img").waitFor();
  for (const key of ["+", "+", "r"]) await officer.page.keyboard.press(key);
  await look("viewer");
  await officer.page.keyboard.press("Escape");
  await button(officer, "Tiếp nhận").click();
  await look("accept");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await officer.page.locator(".case .code", { hasText: /^H42/ }).first().waitFor();
  await button(officer, "Chuyển bước").click();
  await form().getByLabel("Bước tiếp theo").fill("Công chức Tư pháp - Hộ tịch thẩm tra");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await shown(officer, "Đang giải quyết");
  await visit(officer, "officer");
  await officer.page.locator("a.cover").first().waitFor();
  await look("queue-dated");
  await visit(citizen, "citizen");
  await citizen.page.getByText("Hẹn trả kết quả").waitFor({ timeout: CITIZEN_MS_MAX });
  await inspect(citizen, "citizen-processing");
  await officer.page.locator("a.cover", { hasText: "Nguyễn Thị Phúc" }).click();
  await button(officer, "Có kết quả").click();
  await form().getByLabel("Kết quả").fill("Giấy khai sinh số 12/2026");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await link(officer, "Giao kết quả cho bưu tá").click();
  await title(officer, "Trả kết quả");
  await officer.page.getByRole("checkbox", { name: /Nguyễn Thị Phúc/ }).check();
  await look("returns");
  await button(officer, "Ký giao 1 kết quả").click();
  await shown(officer, "Chờ bưu tá ký nhận (1)");
}

async function held() {
  await visit(officer, "officer", "work");
  await shown(officer, "Cần xem lại");
  await officer.page.getByRole("button", { name: "Không tính" }).first().waitFor();
  await look("work");
  await officer.page.getByRole("button", { name: "Không tính" }).first().click();
  await form().getByLabel("Lý do").fill("Điện thoại bị sao chép, đã hỏi bưu tá");
  await look("work-decide");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await form().waitFor({ state: "detached" });
}

async function sign() {
  const pad = courier.page.locator(".pad");
  await pad.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const box = await pad.boundingBox();
  await courier.page.mouse.move(box.x + 40, box.y + box.height / 2);
  await courier.page.mouse.down();
  for (let i = 0; i < 30; i++) {
    await courier.page.mouse.move(
      box.x + 40 + i * 7,
      box.y + box.height / 2 + 30 * Math.sin(i / 3),
    );
  }
  await courier.page.mouse.up();
}

async function result() {
  await sync();
  await visit(courier, "courier", "handover");
  await button(courier, "Đã đếm, ký nhận").click();
  await shown(courier, "Túi không có hồ sơ nào");
  await visit(courier, "courier");
  await courier.page.getByRole("button", { name: "Trả kết quả (1)" }).click();
  await courier.page.getByText("Nguyễn Thị Phúc").click();
  await link(courier, "Trả kết quả").click();
  await courier.page.getByLabel("Đã trao kết quả").check();
  await sign();
  await button(courier, "Lưu: đã trao").click();
  await shown(courier, "Đã trả kết quả");
  await sync();
  await link(citizen, "Xác nhận đã nhận kết quả").waitFor({ timeout: CITIZEN_MS_MAX });
  await link(citizen, "Xác nhận đã nhận kết quả").click();
  await title(citizen, "Nhận kết quả");
  await inspect(citizen, "citizen-result");
  await button(citizen, "Tôi đã nhận kết quả").click();
  await title(citizen, "Đánh giá");
  await citizen.page.getByLabel("Rất hài lòng").check();
  await inspect(citizen, "citizen-rate");
  await button(citizen, "Gửi đánh giá").click();
  await shown(citizen, "Cảm ơn ông/bà");
  await link(citizen, "Xong").click();
  await shown(citizen, "Đã trả kết quả");
  await citizen.page.waitForFunction(() => document.querySelectorAll(".notice.good").length === 2);
  await inspect(citizen, "citizen-returned");
}

/** What came of it, as the office has it: everything signed, received and in force. */
async function afterwards() {
  await visit(officer, "officer", "settings");
  await look("settings");
  await officer.page.getByLabel("Tối", { exact: true }).check();
  await visit(officer, "officer");
  await officer.page.locator("a.cover").first().waitFor();
  await look("queue-dark");
  await visit(officer, "officer", "settings");
  await officer.page.getByLabel("English").check();
  await officer.page.getByLabel("High contrast").check();
  await visit(officer, "officer");
  await officer.page.locator("a.cover").first().waitFor();
  await look("queue-english");
  await button(citizen, "English").click();
  await shown(citizen, "The result was given");
  await inspect(citizen, "citizen-english");
}

let failed = false;
try {
  await registry.start();
  for (const one of [officer, courier]) one.show("tannha");
  citizen.show("tannha");
  stranger.show("tannha");
  await officer.start(`${registry.server}/apps/officer/`);
  await signIn();
  await courier.start(`${registry.server}/apps/courier/`);
  await pickup(await enrolCourier());
  await invitation();
  await door();
  await twoPhones();
  await desk();
  await decide();
  await held();
  await result();
  await afterwards();
  for (const [who, { faults }] of Object.entries(people)) assert.deepEqual(faults, [], who);
  console.log(`one dossier from the door to its result, ${shots} screens`);
} catch (error) {
  failed = true;
  console.error(error);
  for (const [who, { page }] of Object.entries(people)) {
    await page
      ?.screenshot({ path: join(screens ?? "/tmp", `fault-${who}.png`) })
      .catch(() => undefined);
  }
} finally {
  for (const one of [...Object.values(people), stranger]) await one.end().catch(() => undefined);
  await registry.stop().catch(() => undefined);
  registry.remove();
  // What a killed browser leaves of its connection must not hold the test.
  process.exit(failed ? 1 : 0);
}
