// What happens elsewhere is on the courier's screen at once, without a tap.
//   node apps/tests/live.mjs      with TANNHA_BIN and TANNHA_APPS as for journey.mjs
import { browser, play, registry, visit } from "./support/play.mjs";
import { UNIT } from "./support/registry.mjs";

/** A request for a pickup, given to this courier by a dispatcher elsewhere. */
function assign(actor, name) {
  const made = registry.run("dispatch", "--data", "dispatcher", "request", "1.001193",
    "--unit", UNIT, "--name", name, "--phone", "0912345678", "--address", "Thôn Đông, xã A");
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(made)[0];
  registry.run("dispatch", "--data", "dispatcher", "assign", id, actor);
  registry.run("dispatch", "--data", "dispatcher", "sync");
}
const shown = (name) => browser.page.getByText(name).first().waitFor();

await play("live", async () => {
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
  await visit("sync");
  await browser.page.getByRole("button", { name: "Đồng bộ ngay" }).click();
  await visit();
  await shown("Trần Văn Bình");
  assign(ticket.actor, "Lê Thị Hoa");
  await shown("Lê Thị Hoa");
  console.log("live: what others do is on the screen without a tap");
});
