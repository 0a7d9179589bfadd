// The core in a browser, against a real server: started, killed while it writes, in several tabs,
// and without room.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { JsonObject } from "../../mobile-core/web/messages";
import { Chromium, until, World } from "./support";

const pin = "825193";
let world: World;
before(async () => {
  world = await World.make();
});
after(async () => {
  await world.close();
});

type Kind = "opfs" | "indexeddb";

interface Tested {
  told: { events: string[]; saved: number[]; core: { close(): Promise<void>; state: string } };
  start(files?: Kind): Promise<string>;
  call(request: JsonObject): Promise<JsonObject | string>;
  event(name: string): Promise<void>;
  write_notes(dossier: string, first: number, count: number): Promise<number>;
  probe(work: string, count: number): Promise<number>;
  add_file(dossier: string, bytes: number[]): Promise<JsonObject | string>;
  read_file(hash: string): Promise<number[] | string>;
}
declare const window: Window & { test: Tested };

const start = (page: Page, files?: Kind) =>
  page.evaluate((kind) => window.test.start(kind), files);
const call = (page: Page, request: JsonObject) =>
  page.evaluate((asked) => window.test.call(asked), request);
const event = (page: Page, name: string) =>
  page.evaluate((named) => window.test.event(named), name);
const status = async (page: Page) => await call(page, { "@type": "status" }) as JsonObject;
const unlock = (page: Page) => call(page, { "@type": "unlock", pin });

/** What the page says when its tab is looked at, or not any more: no browser does so unattended. */
const set_visible = (page: Page, visible: boolean) =>
  page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState",
      { value: now ? "visible" : "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, visible);

/** Makes the vault, enrols, and waits for the catalogue. */
async function enrol(page: Page): Promise<void> {
  const done = { "@type": "Done" };
  assert.deepEqual(await call(page, { "@type": "setPin", next: pin }), done);
  assert.deepEqual(await call(page, { "@type": "enrol", link: await world.ticket() }), done);
  await event(page, "enrolled");
  await until("the catalogue", async () => Number((await status(page))["procedures"]) || undefined);
}

async function sent(page: Page): Promise<void> {
  await until("what is unsent", async () =>
    (await status(page))["unsentRecords"] === 0 || undefined);
}

async function open_dossier(page: Page): Promise<string> {
  const search = { "@type": "procedures", text: "khai sinh", limit: 50 };
  const found = await call(page, search) as JsonObject;
  const lines = found["procedures"] as JsonObject[];
  const line = lines.find((each) => each["byPost"] === "yes") ?? lines[0];
  const opened = await call(page,
    { "@type": "openDossier", procedure: String(line?.["code"]), service: "both" });
  assert.equal((opened as JsonObject)["@type"], "Written", JSON.stringify(opened));
  return String((opened as JsonObject)["dossier"]);
}

async function note_count(page: Page, dossier: string): Promise<number> {
  const seen = await call(page, { "@type": "dossier", dossier }) as JsonObject;
  return (seen["records"] as JsonObject[]).filter((record) => record["type"] === "note").length;
}

/** Notes that nobody waits for; their numbers are told as each is saved. */
async function write_on(page: Page, dossier: string): Promise<() => number> {
  let saved = 0;
  page.on("console", (message) => {
    const number = /^saved (\d+)$/.exec(message.text())?.[1];
    if (number) saved = Math.max(saved, Number(number));
  });
  await page.evaluate((id) => {
    const write = async () => {
      for (let number = 1; ; ++number) {
        const note = { "@type": "addNote", dossier: id, text: `${number}` };
        const answer = await window.test.call(note);
        if (typeof answer === "string") return;
        console.log(`saved ${number}`);
      }
    };
    void write();
  }, dossier);
  return () => saved;
}

for (const kind of ["opfs", "indexeddb"] as const) {
  describe(kind, () => {
    let browser: Chromium;
    let page: Page;
    let dossier = "";
    before(async () => {
      browser = new Chromium(world.folder);
      await browser.start();
      page = await browser.open(world.url);
    });
    after(() => browser.kill());

    test("starting has no effect outside the browser", async () => {
      const asked = world.asked.length;
      assert.equal(await start(page, kind), "leading");
      assert.equal((await status(page))["made"], false);
      await event_free_pause(page);
      assert.equal(world.asked.length, asked);
    });

    test("what is refused has a name, and costs nothing", async () => {
      assert.match(String(await call(page, { "@type": "none" })), /^argument_invalid /);
      assert.match(String(await call(page, { "@type": "round" })), /^vault_locked /);
      assert.equal((await status(page))["made"], false);
    });

    test("enrols, writes and synchronises", async () => {
      await enrol(page);
      dossier = await open_dossier(page);
      await sent(page);
    });

    test("without a network everything is kept, and sent when it is back", async () => {
      world.cut = true;
      try {
        await call(page, { "@type": "addNote", dossier, text: "not yet sent" });
        await event(page, "syncFailed");
        assert.equal((await status(page))["unsentRecords"], 1);
      } finally {
        world.cut = false;
      }
      // The page is looked at again: nobody has to ask.
      await set_visible(page, false);
      await set_visible(page, true);
      await sent(page);
    });

    test("a photograph comes back as it was", async () => {
      const bytes = [0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 600_000 }, (_, i) => i % 251)];
      const added = await page.evaluate(([id, given]) =>
        window.test.add_file(id as string, given as number[]), [dossier, bytes]);
      assert.equal((added as JsonObject)["@type"], "Written", JSON.stringify(added));
      const seen = await call(page, { "@type": "dossier", dossier }) as JsonObject;
      const [photo] = seen["attachments"] as JsonObject[];
      const back = await page.evaluate((hash) => window.test.read_file(hash),
        String(photo?.["hash"]));
      assert.deepEqual(back, bytes);
      assert.equal(await page.evaluate((hash) => window.test.read_file(hash), "0".repeat(64)),
        "store_not_found");
    });

    test("killed while it writes, it has lost nothing that it called saved", async (t) => {
      const kills = kind === "opfs" ? 6 : 3;
      const before_all = await note_count(page, dossier);
      let kept = before_all;
      for (let round = 1; round <= kills; ++round) {
        const saved = await write_on(page, dossier);
        const enough = 5 + 7 * round;
        await until("some notes", () => saved() >= enough || undefined);
        await browser.kill();
        await browser.start();
        page = await browser.open(world.url);
        assert.equal(await start(page, kind), "leading");
        assert.equal((await status(page))["locked"], true);
        await unlock(page);
        const found = await note_count(page, dossier) - kept;
        assert.ok(found >= saved(), `saved ${saved()}, found ${found}`);
        t.diagnostic(`kill ${round}: ${saved()} known to be saved, ${found} found`);
        kept += found;
      }
    });

    test("a second tab works through the first, and goes on without it", async () => {
      const second = await browser.open(world.url);
      assert.equal(await start(second, kind), "following");
      assert.equal((await status(second))["locked"], false);
      const notes = await note_count(second, dossier);
      await second.evaluate((id) => window.test.write_notes(id, 1, 5), dossier);
      assert.equal(await note_count(page, dossier), notes + 5);
      // What is asked while the first one ends is answered by whoever comes next, once.
      const writing = second.evaluate((id) =>
        Promise.all([...Array(20).keys()].map((i) =>
          window.test.call({ "@type": "addNote", dossier: id, text: `while it ends ${i}` }))),
      dossier);
      await page.close();
      const answers = await writing;
      const state = await until("the lead", async () =>
        await second.evaluate(() => window.test.told.core.state) === "leading" || undefined);
      assert.ok(state);
      await unlock(second);
      // Locked at its start, the new core refuses what it has not written yet; that is told.
      const written = answers.filter((answer) => typeof answer !== "string").length;
      const refused = answers.filter((answer) => String(answer).startsWith("vault_locked")).length;
      assert.equal(written + refused, answers.length, JSON.stringify(answers));
      const found = await note_count(second, dossier);
      assert.ok(found >= notes + 5 + written && found <= notes + 5 + 20);
      page = second;
    });

    test("a hidden tab gives the store to the one that is looked at", async () => {
      const second = await browser.open(world.url);
      assert.equal(await start(second, kind), "following");
      await set_visible(page, false);
      await until("the lead", async () =>
        await second.evaluate(() => window.test.told.core.state) === "leading" || undefined);
      await unlock(second);
      await set_visible(page, true);
      assert.equal((await status(page))["locked"], false);
      await second.evaluate(() => window.test.told.core.close());
      await second.close();
      await until("the lead", async () =>
        await page.evaluate(() => window.test.told.core.state) === "leading" || undefined);
      await unlock(page);
    });

    test("a hidden tab that nobody wants the store from keeps it while it takes a photograph",
      async () => {
        await set_visible(page, false);
        await set_visible(page, true);
        assert.equal(await page.evaluate(() => window.test.told.core.state), "leading");
        assert.equal((await status(page))["locked"], false);
      });

    test("without room it says so, keeps what it has, and goes on when there is room", async () => {
      // Nothing is sent meanwhile, after which it would not be kept any more.
      world.cut = true;
      // The browser remembers for a while how much room there was.
      await browser.kill();
      await browser.start();
      page = await browser.open(world.url);
      const session = await page.context().newCDPSession(page);
      const origin = world.url;
      const { usage } = await session.send("Storage.getUsageAndQuota", { origin });
      // A database of the browser's needs room itself when it is opened.
      const quotaSize = usage + (kind === "opfs" ? 4_000_000 : 16_000_000);
      await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
      await start(page, kind);
      await unlock(page);
      const kept = await note_count(page, dossier);
      const photo = (seed: number) => page.evaluate(([id, n]) => {
        const bytes = new Uint8Array(400_000);
        for (let at = 0; at < bytes.length; at += 65_536) {
          crypto.getRandomValues(bytes.subarray(at, at + 65_536));
        }
        bytes.set([0xff, 0xd8, 0xff, 0xe0, n as number]);
        return window.test.add_file(id as string, [...bytes]);
      }, [dossier, seed]);
      let added = 0;
      const refused = await until("a full disk", async () => {
        const answer = await photo(added);
        if (typeof answer === "string") return answer;
        ++added;
        return added > 60 ? "never full" : undefined;
      });
      world.cut = false;
      assert.match(refused, /^store_full /);
      // IndexedDB refuses only what the core has done already. It is opened anew then, for which
      // there may have to be room too.
      const answer = await call(page, { "@type": "status" });
      const is_open = typeof answer !== "string" && answer["locked"] === false;
      if (kind === "opfs") assert.ok(is_open, JSON.stringify(answer));
      if (typeof answer === "string") assert.match(answer, /^store_full /);
      if (!is_open) {
        await session.send("Storage.overrideQuotaForOrigin", { origin });
        // The browser remembers for a while that there was none.
        let said: unknown;
        await until("room", async () => {
          said = await unlock(page);
          return typeof said !== "string" || undefined;
        }).catch((error: Error) => assert.fail(`${error.message}: ${JSON.stringify(said)}`));
      }
      assert.equal(await note_count(page, dossier), kept);
      const seen = await call(page, { "@type": "dossier", dossier }) as JsonObject;
      assert.equal((seen["attachments"] as JsonObject[]).length, added + 1);
      await session.send("Storage.overrideQuotaForOrigin", { origin });
      await call(page, { "@type": "addNote", dossier, text: "room again" });
      assert.equal(await note_count(page, dossier), kept + 1);
    });

    test("commits a second, beside bare SQLite on the same handles", async (t) => {
      const count = 300;
      const notes = await open_dossier(page);
      await page.evaluate(([id, n]) => window.test.write_notes(id as string, 0, n as number),
        [notes, 20]);
      const core_ms = await page.evaluate(([id, n]) =>
        window.test.write_notes(id as string, 20, n as number), [notes, count]);
      const core = 1000 * count / core_ms;
      const bare = kind === "opfs"
        ? 1000 * count / await page.evaluate((n) => window.test.probe("insert", n), count) : 0;
      const beside = bare > 0
        ? `; bare SQLite ${bare.toFixed(0)}, ratio ${(core / bare).toFixed(2)}` : "";
      t.diagnostic(`${kind}: ${core.toFixed(0)} signed records a second through the worker${beside}`);
      assert.equal(await note_count(page, notes), count + 20);
    });
  });
}

/** Long enough for anything that a start-up would do by itself. */
async function event_free_pause(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3000)));
  assert.deepEqual(await page.evaluate(() => window.test.told.events), []);
}
