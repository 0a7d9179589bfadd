// What every test in a browser begins and ends with: where the programs and the apps are, and that
// nothing of it stays behind. TANNHA_BIN: folder of tannha and tannhad; TANNHA_APPS: folder of the
// built apps; --screens FOLDER: photographs of what was looked at go there.
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./browser.mjs";
import { Registry } from "./registry.mjs";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");
export const bin = process.env.TANNHA_BIN ?? join(root, "build/release/bin");
export const apps = process.env.TANNHA_APPS ?? join(root, "build/apps");
const at = process.argv.indexOf("--screens");
export const screens = at > 0 ? resolve(process.argv[at + 1]) : undefined;
if (screens) mkdirSync(screens, { recursive: true });

export const registry = new Registry({ bin, apps });
export const browser = new Browser();

/** A screen of the courier's app. */
export const visit = (...place) =>
  browser.page.goto(`${registry.server}/apps/courier/#/${place.join("/")}`);

/** @param name of the photograph of where a failure happened, in build/ */
export async function play(name, steps) {
  try {
    await steps();
  } catch (error) {
    console.error(error);
    const path = join(root, `build/${name}-failed.png`);
    await browser.page?.screenshot({ path }).catch(() => undefined);
    process.exitCode = 1;
  } finally {
    await browser.end().catch(() => undefined);
    await registry.stop().catch(() => undefined);
    registry.remove();
    // What a killed browser leaves of its connection must not hold the test.
    process.exit();
  }
}
