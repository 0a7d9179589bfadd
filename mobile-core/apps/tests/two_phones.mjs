// The courier's and the citizen's phone confirm a send slip with nothing but screens and cameras.
// The courier's is the app; the citizen's is a real device in the terminal.
//   node apps/tests/two_phones.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { browser, play, registry, root, visit } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

const bundled = await build({
  entryPoints: [join(root, "mobile-core/apps/shared/frames.ts")],
  bundle: true,
  format: "esm",
  write: false,
});
const { FrameReader, framesOf } = await import(
  "data:text/javascript," + encodeURIComponent(bundled.outputFiles[0].text)
);

const reader = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
prepareZXingModule({ overrides: { wasmBinary: readFileSync(reader) } });

const READ_MS_MAX = 60_000;
const page = () => browser.page;
const press = (name) => page().getByRole("button", { name }).last().click();
const follow = (name) => page().getByRole("link", { name }).last().click();
const fill = async (label, text) => {
  await page().getByLabel(label).fill(text);
  await page().getByLabel(label).blur();
};

/** The other phone's camera before our screen: photographs of it until every part was seen. */
async function readScreen() {
  const reader = new FrameReader();
  const until = Date.now() + READ_MS_MAX;
  while (Date.now() < until) {
    const image = await page().locator(".qr").screenshot({ type: "png" });
    const found = await readBarcodes(new Uint8Array(image), { formats: ["QRCode"] });
    const whole = found.length > 0 ? reader.take(found[0].text) : undefined;
    if (whole !== undefined) return whole;
  }
  throw new Error(`${reader.done} of ${reader.of} parts were read`);
}

await play("two_phones", async () => {
  browser.show("x");
  await registry.start();
  await browser.start(registry.server + "/apps/courier/");
  const { link, actor } = registry.ticket("courier", "Bưu tá");
  await browser.enrol(link);
  registry.enrol("dispatcher", "Điều phối");
  const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();
  const id = dispatch(
    "request",
    "2.000635",
    "--unit",
    UNIT,
    "--name",
    "Trần Văn Bình",
    "--phone",
    "0987654321",
    "--address",
    "Phố Trần Hưng Đạo",
  );
  dispatch("assign", id, actor);
  dispatch("sync");
  registry.run("enrol", "--data", "citizen", dispatch("citizen-link", id));
  const citizen = (...args) => registry.run("citizen", "--data", "citizen", ...args);
  citizen("sync");
  await visit("sync");
  await press("Đồng bộ ngay");
  await page().getByText("Trần Văn Bình").first().waitFor();
  await visit();

  // No network from here on.
  await registry.stop();
  await page().getByText("Trần Văn Bình").first().click();
  await follow("Bắt đầu nhận hồ sơ");
  await press("Nhận hồ sơ này");
  await follow("Chủ hồ sơ");
  await fill("Họ và tên", "Trần Văn Bình");
  await follow("Tiếp: đếm giấy tờ");
  await press("Tất cả đủ như danh mục");
  await page().getByRole("link", { name: "Tiếp: chụp giấy tờ" }).waitFor();
  await visit("dossier", id, "seal");
  await fill("Số niêm phong", "NP-004514");
  await press("Cấp phiếu gửi");
  await follow("Người dân xác nhận");
  await follow("Hai điện thoại");
  await page().locator(".qr path").waitFor();

  const slip = await readScreen();
  citizen("take", registry.write("slip.txt", slip));
  const hash = (type) =>
    new RegExp(`(\\S+) {2}log .* ${type} `).exec(registry.run("inspect", "citizen"))[1];
  citizen("confirm", hash("sealed"));
  const answer = citizen("parcel", hash("confirmed")).trim();

  await browser.kill();
  browser.show(...framesOf(answer));
  await browser.start(registry.server + "/apps/courier/");
  await browser.unlock();
  await press("2. Quét mã trả lời");
  await page().getByText("Mức A").first().waitFor({ timeout: READ_MS_MAX });
  await visit("dossier", id);
  await page().getByText("Đã xác nhận").first().waitFor();
  assert.deepEqual(browser.faults, []);
  console.log(
    `two phones: slip in ${framesOf(slip).length} codes, answer in ` +
      `${framesOf(answer).length}, grade A without a network`,
  );
});
