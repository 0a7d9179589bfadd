// What happens elsewhere is on the courier's screen at once, without a tap.
//   node apps/tests/live.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./support/browser.mjs";
import { Registry, UNIT } from "./support/registry.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const bin = process.env.TANNHA_BIN ?? join(root, "build/release/bin");
const apps = process.env.TANNHA_APPS ?? join(root, "build/apps");
const registry = new Registry({ bin, apps });
const browser = new Browser();

/** A request for a pickup, given to this courier by a dispatcher elsewhere. */
function assign(actor, name) {
  const made = registry.run("dispatch", "--data", "dispatcher", "request", "1.001193",
    "--unit", UNIT, "--name", name, "--phone", "0912345678", "--address", "Thôn Đông, xã A");
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(made)[0];
  registry.run("dispatch", "--data", "dispatcher", "assign", id, actor);
  registry.run("dispatch", "--data", "dispatcher", "sync");
}
const shown = (name) => browser.page.getByText(name).first().waitFor();

try {
  await registry.start();
  const ticket = registry.ticket("courier", "Bưu tá");
  registry.enrol("dispatcher", "Điều phối");
  await browser.start(registry.server + "/apps/courier/");
  await browser.enrol(ticket.link);
  // Whatever the first synchronisation brings is not what is looked for.
  await browser.page.waitForTimeout(2000);
  assign(ticket.actor, "Nguyễn Thị Phúc");
  await shown("Nguyễn Thị Phúc");

  // The server was away: what came since is there when it is back, and then it is live again.
  await registry.stop();
  await registry.start();
  await browser.page.evaluate(() => dispatchEvent(new Event("online")));
  assign(ticket.actor, "Trần Văn Bình");
  await browser.page.goto(`${registry.server}/apps/courier/#/sync`);
  await browser.page.getByRole("button", { name: "Đồng bộ ngay" }).click();
  await browser.page.goto(`${registry.server}/apps/courier/#/`);
  await shown("Trần Văn Bình");
  assign(ticket.actor, "Lê Thị Hoa");
  await shown("Lê Thị Hoa");
  console.log("live: what others do is on the screen without a tap");
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.end().catch(() => undefined);
  await registry.stop().catch(() => undefined);
  registry.remove();
  process.exit();
}
