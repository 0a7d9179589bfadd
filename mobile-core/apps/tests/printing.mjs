// The send slip on paper: what the browser prints on A5 and on a roll, and what a receipt printer
// gets over Bluetooth, through Chromium's own Bluetooth against a printer that the browser plays.
//   node apps/tests/printing.mjs [--screens FOLDER]
// with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { Door } from "./support/door.mjs";
import { Printer } from "./support/printer.mjs";
import { browser, play, registry, screens, visit } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

const door = new Door(browser, screens);

const MM = 72 / 25.4;
/** Width and height of each page of a PDF, in millimetres. */
function pagesOf(pdf) {
  return [...pdf.toString("latin1").matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/g)].map(
    (box) => [Math.round(box[1] / MM), Math.round(box[2] / MM)],
  );
}

async function onPaper(paper, name) {
  // What is asked of the system's dialogue stops here; everything before it is the app's.
  await browser.page.evaluate(() => {
    globalThis.print = () => (globalThis.asked = (globalThis.asked ?? 0) + 1);
  });
  await door.button(paper).click();
  assert.equal(await browser.page.evaluate(() => globalThis.asked), 1);
  const pdf = await browser.page.pdf({ preferCSSPageSize: true, printBackground: true });
  await browser.page.emulateMedia({ media: "print" });
  const seen = await browser.page.evaluate(() => ({
    text: document.body.innerText,
    wide: [...document.querySelectorAll(".slip, .slip *")]
      .filter((one) => getComputedStyle(one).display === "block")
      .filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.outerHTML.slice(0, 80)),
  }));
  if (screens) writeFileSync(join(screens, `${name}.pdf`), pdf);
  await browser.page.emulateMedia({ media: null });
  await browser.page.evaluate(() => {
    delete globalThis.asked;
    dispatchEvent(new Event("afterprint"));
  });
  const left = await browser.page.evaluate(() => document.documentElement.dataset.paper);
  assert.equal(left, undefined);
  for (const part of ["PHIẾU GỬI HỒ SƠ", "Nguyễn Thị Phúc", "NP-004512", "Nhân viên bưu chính"]) {
    assert.ok(seen.text.includes(part), `${name} lacks ${part}`);
  }
  for (const part of ["In tờ A5", "Người dân xác nhận", "LUYỆN TẬP"]) {
    assert.ok(!seen.text.includes(part), `${name} prints ${part}`);
  }
  assert.deepEqual(seen.wide, [], name);
  return pagesOf(pdf);
}

await play("printing", async () => {
  await registry.start();
  const ticket = registry.ticket("courier", "Bưu tá");
  registry.enrol("dispatcher", "Điều phối");
  const dispatch = (...args) => registry.run("dispatch", "--data", "dispatcher", ...args).trim();
  const id = dispatch("request", "1.001193", "--unit", UNIT, "--name", "Nguyễn Thị Phúc",
    "--phone", "0912345678", "--address", "Thôn Đoài, xã Hoa Lư, tỉnh Ninh Bình");
  dispatch("assign", id, ticket.actor);
  dispatch("sync");
  // Phones have it by themselves.
  browser.switches = ["--enable-features=WebBluetooth"];
  await browser.start(registry.server + "/apps/courier/");
  await browser.enrol(ticket.link);
  await visit("sync");
  await door.button("Đồng bộ ngay").click();
  await visit();
  await door.shown("Nguyễn Thị Phúc");
  await door.seal(visit, id);
  await door.look("slip");

  assert.deepEqual(await onPaper("In tờ A5", "slip-a5"), [[148, 210]]);
  const roll = await onPaper("In giấy cuộn 58 mm", "slip-roll");
  assert.ok(roll.length <= 2, `${roll.length} lengths of a roll`);
  assert.ok(roll.every(([width]) => width === 58), JSON.stringify(roll));

  const printer = await Printer.start(browser);
  const send = (name = "In bằng máy in Bluetooth") => door.button(name).click();
  await printer.radio("absent");
  await send();
  await door.shown("Bluetooth đang tắt");
  await printer.radio("powered-on");
  await printer.offer("nothing");
  await send();
  await door.shown("Chưa chọn máy in nào");
  await door.look("unchosen");
  await printer.offer("printer");
  await printer.answers(false);
  await send();
  await door.shown("Không kết nối được máy in");
  await printer.answers(true);
  await printer.breaksAfter(3000);
  await send();
  await door.shown("Mất kết nối khi đang in");
  await printer.breaksAfter(Infinity);
  await send();
  await browser.page.getByText("Đã gửi hết đến máy in").waitFor({ timeout: 120_000 });
  await door.look("printed");

  assert.ok(printer.longest <= 180, `a piece of ${printer.longest} bytes`);
  const paper = printer.paper();
  assert.equal(paper.width, 384);
  const reader = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(reader).buffer } });
  const [code] = await readBarcodes(paper, { formats: ["QRCode"], tryHarder: true });
  const number = await browser.page.locator(".slip .figure").innerText();
  assert.equal(code?.text, number, "the code on the paper is the slip's");
  if (screens) await printer.photograph(join(screens, "slip-receipt.png"));
  assert.deepEqual(browser.faults, []);
  console.log(`printing: A5, a roll of ${roll.length}, and ${paper.height} rows by Bluetooth`);
});
