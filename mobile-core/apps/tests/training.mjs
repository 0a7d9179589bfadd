// An exercise without a server: loaded once, then the server is gone for good. The whole door with
// made-up people, nothing of it ever on the network, and the real store is not touched by it.
//   node apps/tests/training.mjs [--screens FOLDER]
// with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { Door } from "./support/door.mjs";
import { browser, play, registry, screens, visit } from "./support/play.mjs";

const door = new Door(browser, screens);
const page = () => browser.page;
const marked = () => door.shown("LUYỆN TẬP: hồ sơ giả");

/** From a requested visit to its slip, on the screens, as at a real door. */
async function wholeDoor(name) {
  await page().getByText(name).first().click();
  await door.link("Bắt đầu nhận hồ sơ").click();
  await door.button("Nhận hồ sơ này").click();
  await door.title(name);
  await marked();
  await door.link("Chủ hồ sơ").click();
  const owner = page().getByLabel("Họ và tên");
  await owner.fill(name);
  await owner.blur();
  await door.link("Tiếp: đếm giấy tờ").click();
  await door.button("Tất cả đủ như danh mục").click();
  await door.link("Tiếp: chụp giấy tờ").waitFor();
  await page().goto(page().url().replace("/papers", "/seal"));
  await page().getByLabel("Số niêm phong").fill("TAP-1");
  await door.button("Cấp phiếu gửi").click();
  await door.title("Phiếu gửi hồ sơ");
  await door.shown("KHÔNG CÓ GIÁ TRỊ");
  await door.look("slip");
  await door.link("Người dân xác nhận").click();
  await page().getByRole("link", { name: "Chữ ký vẽ tay" }).click();
  await door.title("Chữ ký vẽ tay");
  await door.sign();
  await door.button("Lưu xác nhận").click();
  await door.shown("Người dân đã xác nhận");
}

await play("training", async () => {
  await registry.start();
  await browser.start(registry.server + "/apps/courier/");
  await page().evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await registry.stop();
  const asked = [];
  page().on("request", (request) => {
    if (request.url().includes("/v1/")) asked.push(request.url());
  });

  await door.title("Tận Nhà");
  await door.look("welcome");
  await door.button("Luyện tập trước").click();
  await door.title("Hôm nay");
  await marked();
  await door.shown("Người Mẫu Một (luyện tập)");
  await door.look("round");
  await wholeDoor("Người Mẫu Một (luyện tập)");

  await visit();
  await page().getByText("Người Mẫu Năm (luyện tập)").first().click();
  await door.shown("Giấy chứng sinh (mẫu luyện tập)");
  await marked();
  await door.look("supplement");
  await visit();
  await page().getByText("Trả kết quả (1)").click();
  await page().getByText("Người Mẫu Sáu (luyện tập)").first().click();
  await door.link("Trả kết quả").waitFor();
  await door.look("deliver");
  await visit("sync");
  await door.shown("không có gì được gửi đi");
  await door.button("Đồng bộ ngay").click();
  await page().waitForTimeout(1500);
  await door.look("sync");

  // It is there again after the system has ended the app, and gone when it is begun anew.
  await browser.kill();
  await browser.start(registry.server + "/apps/courier/");
  await door.title("Đồng bộ");
  await visit();
  await marked();
  await door.shown("Người Mẫu Một (luyện tập)");
  await visit("handover");
  await door.shown("Người Mẫu Một (luyện tập)");
  await visit("training");
  await door.look("training");
  await door.button("Làm lại từ đầu").click();
  await door.title("Hôm nay");
  await door.shown("Người Mẫu Một (luyện tập)");
  await visit("handover");
  await door.shown("Túi không có hồ sơ nào");
  await page().getByRole("button", { name: "Dừng luyện tập" }).first().click();
  await door.title("Tận Nhà");
  assert.equal(await page().getByText("luyện tập)").count(), 0);
  const stores = await page().evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const names = [];
    for await (const name of root.keys()) names.push(name);
    return names.sort();
  });
  assert.deepEqual(stores, ["core", "exercise"]);
  assert.deepEqual(asked, [], "nothing of an exercise is asked of anybody");
  assert.deepEqual(browser.faults, []);
  console.log("training: the whole door without a server, and nothing left the phone");
});
