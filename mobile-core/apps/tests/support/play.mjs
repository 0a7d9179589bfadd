// What every test in a browser begins and ends with: where the programs and the apps are, and that
// nothing of it stays behind. TANNHA_BIN: folder of tannha and tannhad; TANNHA_APPS: folder of the
// built apps; --screens FOLDER: photographs of what was looked at go there.
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./browser.mjs";
import { Registry } from "./registry.mjs";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");
const bin = process.env.TANNHA_BIN ?? join(root, "build/release/bin");
export const apps = process.env.TANNHA_APPS ?? join(root, "build/apps");
const at = process.argv.indexOf("--screens");
export const screens = at > 0 ? resolve(process.argv[at + 1]) : undefined;
if (screens) mkdirSync(screens, { recursive: true });

export const registry = new Registry({ bin, apps });
export const browser = new Browser();

/** A screen of the courier's app. */
export const visit = (...place) =>
  browser.page.goto(`${registry.server}/apps/courier/#/${place.join("/")}`);

/** Of every screen that there is, into build/. */
async function photographFailure(name, all) {
  mkdirSync(join(root, "build"), { recursive: true });
  const shown = Object.entries(all).filter(([, one]) => one.page);
  for (const [who, { page }] of shown) {
    const path = join(root, `build/${shown.length > 1 ? `${name}-${who}` : name}-failed.png`);
    await page.screenshot({ path }).catch(() => undefined);
  }
}

/**
 * @param name of the photograph of where a failure happened
 * @param more by name, what else has to end: other browsers, a network
 */
export async function play(name, steps, more = {}) {
  const all = { courier: browser, ...more };
  try {
    await steps();
  } catch (error) {
    process.exitCode = 1;
    console.error(error);
    await photographFailure(name, all);
  } finally {
    for (const one of Object.values(all)) await one.end().catch(() => undefined);
    await registry.stop().catch(() => undefined);
    registry.remove();
    // What a killed browser leaves of its connection must not hold the test.
    process.exit();
  }
}
