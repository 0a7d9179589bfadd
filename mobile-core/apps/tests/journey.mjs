// One courier's day in a real browser, with the real core and a real server: every screen is
// photographed, looked through by axe, and the browser is killed where it hurts.
//   node apps/tests/journey.mjs [--screens FOLDER]     photographs go there
// TANNHA_BIN: folder of tannha and tannhad; TANNHA_APPS: folder of the built apps.
import assert from "node:assert/strict";
import { Door } from "./support/door.mjs";
import { browser, play, registry, screens, visit } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

const CARD =
  "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài, xã Hoa Lư, tỉnh Ninh Bình|15042021";
/** What the product promises of the door. */
const TAPS_MAX = 25;
const TYPED_MAX = 3;

let taps = 0;
let typed = 0;
const page = () => browser.page;
const door = new Door(browser, screens);

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

async function enrolment() {
  await door.title("Tận Nhà");
  await door.look("welcome");
  await door.button("Bắt đầu").click();
  await door.title("Đặt mã PIN");
  await door.look("pin");
  await browser.enterPin();
  await door.button("Tiếp tục").click();
  await door.title("Nhập lại mã PIN");
  await browser.enterPin();
  await door.button("Tiếp tục").click();
  await door.title("Đăng ký thiết bị");
  await door.look("enrol");
  // A ticket that nobody has made is refused in words, and nothing else happens.
  await page()
    .getByLabel("Đường dẫn đăng ký")
    .fill(registry.server + "/#AAAA");
  await door.button("Đăng ký").click();
  await page().getByRole("alert").waitFor();
  const { link: ticket, actor } = registry.ticket("courier", "Bưu tá Nguyễn Văn An");
  await page().getByLabel("Đường dẫn đăng ký").fill(ticket);
  await door.button("Đăng ký").click();
  await door.title("Hôm nay");
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
  await door.button("Đồng bộ ngay").click();
  await door.shown("Trần Văn Bình");
  await door.look("sync");
  await page().getByRole("link", { name: "Hôm nay" }).click();
  await door.shown("Nguyễn Thị Phúc");
  await door.look("round");
}

/** From the round to the citizen's confirmation, without a network. */
async function atTheDoor() {
  await registry.stop();
  taps = 0;
  typed = 0;
  await tap(page().getByText("Nguyễn Thị Phúc"));
  await tap(door.link("Bắt đầu nhận hồ sơ"));
  await door.title("Thủ tục");
  await door.look("procedure");
  await tap(door.button("Nhận hồ sơ này"));
  await door.title("Nguyễn Thị Phúc");
  await door.look("dossier");
  await tap(door.link("Chủ hồ sơ"));
  await door.title("Chủ hồ sơ");
  await tap(door.button("Quét thẻ căn cước"));
  await door.link("Tiếp: đếm giấy tờ").waitFor();
  assert.equal(await page().getByLabel("Số định danh cá nhân").inputValue(), "037160100200");
  await type("Điện thoại", "0912 345 678");
  await door.look("owner");
  await tap(door.link("Tiếp: đếm giấy tờ"));
  await door.title("Đếm giấy tờ");
  await door.look("papers");
  await tap(door.button("Tất cả đủ như danh mục"));
  await tap(door.link("Tiếp: chụp giấy tờ"));
  await door.title("Chụp giấy tờ");
  await door.look("camera");
  const jpeg = await door.paper("TỜ KHAI ĐĂNG KÝ KHAI SINH");
  const camera = page().locator('input[type="file"]');
  await camera.setInputFiles({ name: "page.jpg", mimeType: "image/jpeg", buffer: jpeg });
  await page().locator(".photos img").waitFor();
  await door.look("photos");
  await tap(door.link("Tiếp: thu phí"));
  await door.title("Thu phí, lệ phí");
  await type("Số tiền (đồng)", "8000");
  await door.look("money");
  await tap(door.button("Ghi đã thu 8.000 đồng"));
  await tap(door.link("Tiếp: niêm phong"));
  await door.title("Niêm phong");
  await type("Số niêm phong", "NP-004512");
  await door.look("seal");

  // The phone goes off here: what was entered is there, and so is the place.
  await browser.kill();
  await browser.start(registry.server + "/apps/courier/");
  await door.look("lock");
  await browser.unlock();
  await door.title("Niêm phong");
  await door.shown("Đã đếm");
  await door.shown("8.000 đồng");
  await page().getByLabel("Số niêm phong").fill("NP-004512");

  await tap(door.button("Cấp phiếu gửi"));
  await door.title("Phiếu gửi hồ sơ");
  await door.look("slip");
  await tap(door.link("Người dân xác nhận"));
  await door.look("confirm");
  await page().getByRole("link", { name: "Hai điện thoại" }).click();
  await door.title("Hai điện thoại");
  await page().locator(".qr path").waitFor();
  await door.look("two-phones");
  await page().goBack();
  await tap(page().getByRole("link", { name: "Chữ ký vẽ tay" }));
  await door.title("Chữ ký vẽ tay");
  await door.sign();
  await door.look("signature");
  await tap(door.button("Lưu xác nhận"));
  await door.shown("Người dân đã xác nhận");
  assert.ok(taps <= TAPS_MAX, `${taps} taps at the door`);
  assert.ok(typed <= TYPED_MAX, `${typed} typed fields at the door`);
  console.log(`door: ${taps} taps, ${typed} typed fields`);
}

async function desk() {
  await visit("sync");
  await door.button("Đồng bộ ngay").click();
  await door.shown("Chưa đồng bộ được");
  await door.look("sync-waiting");
  await visit("handover");
  await page().getByRole("checkbox").first().check();
  await door.look("handover");
  await door.button("Ký biên bản giao").click();
  await door.shown("Chờ Một cửa ký nhận");
  await visit("close");
  await door.shown("8.000 đồng");
  await door.look("close");
  await registry.start();
  await visit("sync");
  await door.button("Đồng bộ ngay").click();
  await door.shown("Lần cuối");
  await page().waitForFunction(() => document.querySelector(".figure")?.textContent === "0");
  await door.look("sync-done");
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
  await door.button("Đồng bộ ngay").click();
  await page().waitForFunction(
    () =>
      document.querySelector(".notice.good") !== null &&
      document.querySelector(".figure")?.textContent === "0",
  );
}

/** The result comes back: first nobody is there, then it is given against a signature. */
async function result() {
  const id = countBag("1.001193");
  office("decide", id, "Giấy khai sinh");
  office("return", id);
  office("sync");
  await sync();
  await visit("handover");
  await door.shown("Một cửa giao 1 kết quả");
  await door.look("results");
  await door.button("Đã đếm, ký nhận").click();
  await door.shown("Túi không có hồ sơ nào");
  await visit();
  await page().getByRole("button", { name: "Trả kết quả (1)" }).click();
  await door.look("round-results");
  await page().getByText("Nguyễn Thị Phúc").click();
  await door.link("Trả kết quả").click();
  await door.title("Trả kết quả");
  await page().getByLabel("Chưa trao được").check();
  await door.look("attempt");
  await door.button("Lưu lần đến này").click();
  await door.link("Trả kết quả").click();
  await door.shown("Đã đến 1 trên 2 lần");
  await door.sign();
  await door.look("deliver");
  await door.button("Lưu: đã trao").click();
  await door.shown("Đã trả kết quả");
  await door.look("delivered");
}

/** The office asks for more; the courier brings it. */
async function supplement() {
  await visit();
  await page()
    .getByRole("button", { name: /Nhận hồ sơ/ })
    .click();
  await page().getByText("Trần Văn Bình").click();
  await door.link("Bắt đầu nhận hồ sơ").click();
  await door.button("Nhận hồ sơ này").click();
  await door.link("Ghi chú").click();
  await page().getByLabel("Nội dung").fill("Nhà ở cuối ngõ.");
  await door.look("note");
  await door.button("Lưu ghi chú").click();
  await door.link("Chủ hồ sơ").click();
  await type("Họ và tên", "Trần Văn Bình");
  await door.link("Tiếp: đếm giấy tờ").click();
  // Three taps as fast as a thumb are three papers.
  await page().getByRole("button", { name: "Đếm", exact: true }).first().click();
  const more = page().getByRole("button", { name: "Thêm Bản chụp" }).first();
  await more.evaluate(async (plus) => {
    for (let tap = 0; tap < 3; tap++) {
      plus.click();
      await new Promise((next) => setTimeout(next, 80));
    }
  });
  await door.shown("3 bản");
  await door.look("counting");
  await door.button("Tất cả đủ như danh mục").click();
  await door.link("Tiếp: chụp giấy tờ").waitFor();
  await page().getByRole("link", { name: "Về hồ sơ" }).click();
  await page()
    .getByRole("link", { name: /Niêm phong/ })
    .click();
  await type("Số niêm phong", "NP-004513");
  await door.button("Cấp phiếu gửi").click();
  await door.link("Người dân xác nhận").waitFor();
  await visit("handover");
  await page().getByRole("checkbox").first().check();
  await door.button("Ký biên bản giao").click();
  await door.shown("Chờ Một cửa ký nhận");
  await sync();
  const id = countBag("2.000635");
  office("supplement", id, "Thiếu giấy tờ", "--item", "Bản sao có chứng thực căn cước");
  office("sync");
  await sync();
  await visit();
  await page().getByText("Trần Văn Bình").click();
  await door.shown("Cơ quan yêu cầu bổ sung");
  await door.look("supplement");
  await door.link("Nhận giấy tờ bổ sung").click();
  await type("Đã nhận những gì", "Một bản sao có chứng thực căn cước");
  await door.button("Đã đủ giấy tờ bổ sung").click();
  await door.shown("Đã bổ sung");
  await sync();
}

/** Everything beside the dossiers, and the same screens for other eyes. */
async function rest() {
  await visit("search");
  await page().getByLabel("Tên hoặc mã thủ tục").fill("khai sinh");
  await door.shown("Thủ tục đăng ký khai sinh");
  await door.look("search");
  for (const [place, heading] of [
    ["more", "Thêm"],
    ["settings", "Cài đặt"],
    ["training", "Luyện tập"],
    ["help", "Trợ giúp"],
  ]) {
    await visit(place);
    await door.title(heading);
    await door.look(place);
  }
  // Training is another store: nothing of the real one is there, and all of it is afterwards.
  await visit("training");
  await door.button("Bắt đầu luyện tập").click();
  await door.shown("LUYỆN TẬP");
  await door.title("Hôm nay");
  await door.shown("Người Mẫu Một (luyện tập)");
  await door.look("training-begun");
  await door.button("Dừng luyện tập").click();
  await browser.unlock();
  await door.title("Hôm nay");
  await visit("settings");
  await page().getByLabel("Tối", { exact: true }).check();
  for (const place of ["settings", "sync", ""]) {
    await visit(place);
    await door.look(`dark-${place || "round"}`);
  }
  await visit("settings");
  await page().getByLabel("Tương phản cao").check();
  await visit("sync");
  await door.look("contrast");
  await visit("settings");
  await page().getByLabel("English").check();
  await door.title("Settings");
  await page().getByLabel("As the phone").check();
  await visit();
  await door.look("english");
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
    await door.look(`large-${place || "round"}`);
  }
}

await play("journey", async () => {
  browser.show(CARD);
  await registry.start();
  await browser.start(registry.server + "/apps/courier/");
  const courier = await enrolment();
  await assignment(courier);
  await atTheDoor();
  await desk();
  await result();
  await supplement();
  await rest();
  assert.deepEqual(browser.faults, []);
});
