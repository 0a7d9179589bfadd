// One dossier from the door to its result, in three real browsers with the real core and a real
// server: an officer, a courier and a citizen. At the door there is no server, and the two phones
// know of each other only what their cameras see. Every screen of the citizen's page and of the
// officers' console is photographed and looked through by axe.
//   node apps/tests/door_to_result.mjs [--screens FOLDER]     photographs go there
// TANNHA_BIN: folder of tannha and tannhad; TANNHA_APPS: folder of the built apps.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { Browser, PIN } from "./support/browser.mjs";
import { Door } from "./support/door.mjs";
import { film, watch } from "./support/eyes.mjs";
import { browser, play, registry, screens } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

/** The citizen's page asks for news three times a minute. */
const CITIZEN_MS_MAX = 40_000;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 800 };

const officer = new Door(new Browser(), screens);
const courier = new Door(browser, screens);
const citizen = new Door(new Browser(), screens);
const stranger = new Door(new Browser());
const people = { officer, courier, citizen };

const visit = (of, app, ...place) =>
  of.page.goto(`${registry.server}/apps/${app}/#/${place.join("/")}`);

/** At a desk, and on a phone. */
async function look(name) {
  await officer.inspect(`officer-${name}`);
  await officer.page.setViewportSize(PHONE);
  await officer.inspect(`officer-${name}-phone`);
  await officer.page.setViewportSize(DESKTOP);
}

/** What one screen shows is what the other's camera sees from now on. */
async function faces(seeing, shower) {
  const code = shower.page.locator(".qr").last();
  await code.waitFor();
  const pictures = await watch(code);
  await film(shower.page, pictures, seeing.browser.camera);
  return pictures.length;
}

async function signIn() {
  await visit(officer, "officer");
  await officer.page.setViewportSize(DESKTOP);
  await officer.title("Bàn làm việc Một cửa");
  await officer.page.getByLabel("Đặt mã PIN").fill("123456");
  await officer.page.getByLabel("Nhập lại mã PIN").fill("123456");
  await officer.button("Tạo khóa").click();
  // A PIN that everybody tries first is the core's to refuse.
  await officer.page.getByRole("alert").waitFor();
  await look("first");
  await officer.page.getByLabel("Đặt mã PIN").fill(PIN);
  await officer.page.getByLabel("Nhập lại mã PIN").fill(PIN);
  await officer.page.keyboard.press("Enter");
  await officer.title("Đăng ký trình duyệt");
  await look("enrol");
  const { link: ticket } = registry.ticket("officer", "Trần Thị Cúc");
  await officer.page.getByLabel("Đường dẫn đăng ký").fill(ticket);
  await officer.page.keyboard.press("Enter");
  await officer.title("Hàng đợi");
  await officer.shown("Không có hồ sơ nào ở đây");
  await look("queue-empty");
  await officer.button("Khóa").click();
  await officer.title("Đăng nhập");
  await look("sign-in");
  await officer.page.getByLabel("Mã PIN").fill("999111");
  await officer.page.keyboard.press("Enter");
  await officer.page.getByRole("alert").waitFor();
  await officer.page.getByLabel("Mã PIN").fill(PIN);
  await officer.page.keyboard.press("Enter");
  await officer.title("Hàng đợi");
}

/** @return the courier's actor id */
async function enrolCourier() {
  await visit(courier, "courier");
  const { link: ticket, actor } = registry.ticket("courier", "Nguyễn Văn An");
  await browser.enrol(ticket);
  return actor;
}

async function sync(of = courier) {
  await visit(of, "courier", "sync");
  await of.button("Đồng bộ ngay").click();
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
  await officer.shown("Nguyễn Thị Phúc");
  await look("citizens");
  await officer.button("Tạo đường dẫn").click();
  await faces(citizen, officer);
  await look("invitation");
  await citizen.browser.start(`${registry.server}/apps/citizen/`);
  await citizen.inspect("citizen-no-link");
  await citizen.button("Quét mã QR").click();
  await citizen.shown("Ông/bà được mời theo dõi");
  await citizen.inspect("citizen-invite");
  const invitation = citizen.page.url();
  await citizen.button("Mở hồ sơ").click();
  await citizen.shown("Bưu tá sẽ đến nhà");
  await citizen.inspect("citizen-assigned");
  assert.ok(
    !citizen.page.url().includes("#A") && citizen.page.url().endsWith("#/"),
    "the ticket is gone",
  );
  // The same link on another phone: it was for one key, and says so.
  await stranger.browser.start(invitation);
  await stranger.button("Mở hồ sơ").click();
  await stranger.page.getByRole("alert").waitFor();
  assert.equal(await stranger.page.getByText("Nguyễn Thị Phúc").count(), 0);
  await stranger.browser.end();
  await officer.button("Đóng").click();
}

async function door() {
  await sync();
  await registry.stop();
  await visit(courier, "courier");
  await courier.page.getByText("Nguyễn Thị Phúc").click();
  await courier.link("Bắt đầu nhận hồ sơ").click();
  await courier.button("Nhận hồ sơ này").click();
  await courier.link("Chủ hồ sơ").click();
  const name = courier.page.getByLabel("Họ và tên");
  await name.fill("Nguyễn Thị Phúc");
  await name.blur();
  await courier.link("Tiếp: đếm giấy tờ").click();
  await courier.button("Tất cả đủ như danh mục").click();
  await courier.link("Tiếp: chụp giấy tờ").click();
  await courier.page.locator('input[type="file"]').setInputFiles({
    name: "page.jpg",
    mimeType: "image/jpeg",
    buffer: await courier.paper("TỜ KHAI ĐĂNG KÝ KHAI SINH"),
  });
  await courier.page.locator(".photos img").waitFor();
  await courier.link("Tiếp: thu phí").click();
  const money = courier.page.getByLabel("Số tiền (đồng)");
  await money.fill("8000");
  await money.blur();
  await courier.button("Ghi đã thu 8.000 đồng").click();
  await courier.link("Tiếp: niêm phong").click();
  const seal = courier.page.getByLabel("Số niêm phong");
  await seal.fill("NP-004512");
  await seal.blur();
  await courier.button("Cấp phiếu gửi").click();
  await courier.link("Người dân xác nhận").click();
  await courier.page.getByRole("link", { name: "Hai điện thoại" }).click();
  await courier.title("Hai điện thoại");
}

/** Nobody has a network: slip and countersignature go from screen to camera, and back. */
async function twoPhones() {
  const there = await faces(citizen, courier);
  await citizen.shown("Không có mạng: dùng hai điện thoại");
  await citizen.link("Không có mạng").click();
  await citizen.title("Hai điện thoại");
  await citizen.inspect("citizen-phones");
  await citizen.page.getByRole("link", { name: /Ông\/bà quét máy/ }).click();
  await citizen.title("Xem lại và xác nhận");
  await citizen.shown("NP-004512");
  await citizen.shown("8.000 đồng");
  await citizen.inspect("citizen-review");
  await citizen.page.getByText("Xác nhận nghĩa là gì?").click();
  await citizen.inspect("citizen-meaning");
  await citizen.button("Tôi xác nhận").click();
  await citizen.title("Đưa bưu tá quét");
  const back = await faces(courier, citizen);
  await citizen.inspect("citizen-show");
  await courier.button("Quét mã trả lời").click();
  await courier.shown("Người dân đã xác nhận");
  await courier.shown("Mức A");
  console.log(`door: ${there} codes to the citizen, ${back} codes back, no network`);
  await citizen.link("Xong").click();
  await citizen.shown("sẽ tự gửi khi có mạng");
  await citizen.inspect("citizen-offline-receipt");
  // The phone goes off, and is opened again without a network: key and receipt are there.
  await citizen.browser.kill();
  await citizen.browser.start(`${registry.server}/apps/citizen/`);
  await citizen.shown("sẽ tự gửi khi có mạng");
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
  await citizen.shown("Máy chủ đã nhận");
  await citizen.inspect("citizen-receipt");
  await visit(officer, "officer");
  await visit(courier, "courier", "handover");
  await courier.page.getByRole("checkbox").first().check();
  await courier.button("Ký biên bản giao").click();
  await courier.shown("Chờ Một cửa ký nhận");
  await sync();
  // The officer's page is not touched: what is new comes to it.
  await officer.shown("Có 1 túi hồ sơ chờ ký nhận");
  others();
  await officer.shown("Có 2 túi hồ sơ chờ ký nhận");
  await officer.link("Mở").click();
  await officer.title("Nhận túi hồ sơ");
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
  await officer.shown("Không có túi nào chờ ký nhận");
}

const form = () => officer.page.locator("dialog[open]");

async function decide() {
  await visit(officer, "officer");
  await officer.shown("Chưa có hạn");
  await look("queue");
  await officer.page.keyboard.press("/");
  await officer.page.keyboard.type("tran van binh");
  await officer.page.getByText("Phạm Thị Hoa").waitFor({ state: "detached" });
  await officer.page.keyboard.press("ArrowDown");
  await officer.page.keyboard.press("Enter");
  await officer.title("Trần Văn Bình");
  await officer.button("Yêu cầu bổ sung").click();
  await form().getByLabel("Giấy tờ 1").fill("Bản sao có chứng thực căn cước");
  await form().getByRole("button", { name: "Thêm giấy tờ" }).click();
  await form().getByRole("textbox", { name: "Giấy tờ 2" }).fill("Tờ khai có chữ ký");
  await form().getByLabel("Lý do").fill("Hồ sơ chưa đủ thành phần theo danh mục");
  await look("supplement");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await officer.shown("Đã yêu cầu bổ sung");
  await look("case-supplement");
  await officer.link("Hàng đợi").click();
  const other = officer.page
    .locator("a.cover", { hasText: /Phạm Thị Hoa|Đinh Công Tráng/ })
    .first();
  await other.click();
  await officer.button("Từ chối").click();
  await form().getByLabel("Lý do").fill("Không thuộc thẩm quyền giải quyết của xã");
  await look("refuse");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await officer.shown("Lý do từ chối");

  await visit(officer, "officer");
  await officer.page.locator("a.cover", { hasText: "Nguyễn Thị Phúc" }).click();
  await officer.title("Nguyễn Thị Phúc");
  await officer.page.locator(".photos img").first().waitFor();
  await officer.shown("Mức A");
  await look("case");
  await officer.page.locator(".photos button").first().click();
  await officer.page.locator("dialog.photo img").waitFor();
  for (const key of ["+", "+", "r"]) await officer.page.keyboard.press(key);
  await look("viewer");
  await officer.page.keyboard.press("Escape");
  await officer.button("Tiếp nhận").click();
  await look("accept");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await officer.page.locator(".case .code", { hasText: /^H42/ }).first().waitFor();
  await officer.button("Chuyển bước").click();
  await form().getByLabel("Bước tiếp theo").fill("Công chức Tư pháp - Hộ tịch thẩm tra");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await officer.shown("Đang giải quyết");
  await visit(officer, "officer");
  await officer.page.locator("a.cover").first().waitFor();
  await look("queue-dated");
  await visit(citizen, "citizen");
  await citizen.page.getByText("Hẹn trả kết quả").waitFor({ timeout: CITIZEN_MS_MAX });
  await citizen.inspect("citizen-processing");
  await officer.page.locator("a.cover", { hasText: "Nguyễn Thị Phúc" }).click();
  await officer.button("Có kết quả").click();
  await form().getByLabel("Kết quả").fill("Giấy khai sinh số 12/2026");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await officer.link("Giao kết quả cho bưu tá").click();
  await officer.title("Trả kết quả");
  await officer.page.getByRole("checkbox", { name: /Nguyễn Thị Phúc/ }).check();
  await look("returns");
  await officer.button("Ký giao 1 kết quả").click();
  await officer.shown("Chờ bưu tá ký nhận (1)");
}

async function held() {
  await visit(officer, "officer", "work");
  await officer.shown("Cần xem lại");
  await officer.page.getByRole("button", { name: "Không tính" }).first().waitFor();
  await look("work");
  await officer.page.getByRole("button", { name: "Không tính" }).first().click();
  await form().getByLabel("Lý do").fill("Điện thoại bị sao chép, đã hỏi bưu tá");
  await look("work-decide");
  await form().getByRole("button", { name: "Ký và lưu" }).click();
  await form().waitFor({ state: "detached" });
}

async function result() {
  await sync();
  await visit(courier, "courier", "handover");
  await courier.button("Đã đếm, ký nhận").click();
  await courier.shown("Túi không có hồ sơ nào");
  await visit(courier, "courier");
  await courier.page.getByRole("button", { name: "Trả kết quả (1)" }).click();
  await courier.page.getByText("Nguyễn Thị Phúc").click();
  await courier.link("Trả kết quả").click();
  await courier.page.getByLabel("Đã trao kết quả").check();
  await courier.sign();
  await courier.button("Lưu: đã trao").click();
  await courier.shown("Đã trả kết quả");
  await sync();
  await citizen.link("Xác nhận đã nhận kết quả").waitFor({ timeout: CITIZEN_MS_MAX });
  await citizen.link("Xác nhận đã nhận kết quả").click();
  await citizen.title("Nhận kết quả");
  await citizen.inspect("citizen-result");
  await citizen.button("Tôi đã nhận kết quả").click();
  await citizen.title("Đánh giá");
  await citizen.page.getByLabel("Rất hài lòng").check();
  await citizen.inspect("citizen-rate");
  await citizen.button("Gửi đánh giá").click();
  await citizen.shown("Cảm ơn ông/bà");
  await citizen.link("Xong").click();
  await citizen.shown("Đã trả kết quả");
  await citizen.page.waitForFunction(() => document.querySelectorAll(".notice.good").length === 2);
  await citizen.inspect("citizen-returned");
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
  await citizen.button("English").click();
  await citizen.shown("The result was given");
  await citizen.inspect("citizen-english");
}

await play("door_to_result", async () => {
  await registry.start();
  for (const one of [...Object.values(people), stranger]) one.browser.show("tannha");
  await officer.browser.start(`${registry.server}/apps/officer/`);
  await signIn();
  await courier.browser.start(`${registry.server}/apps/courier/`);
  await pickup(await enrolCourier());
  await invitation();
  await door();
  await twoPhones();
  await desk();
  await decide();
  await held();
  await result();
  await afterwards();
  for (const [who, one] of Object.entries(people)) assert.deepEqual(one.browser.faults, [], who);
  console.log(`one dossier from the door to its result, ${Door.shots} screens`);
}, { officer: officer.browser, citizen: citizen.browser, stranger: stranger.browser });
