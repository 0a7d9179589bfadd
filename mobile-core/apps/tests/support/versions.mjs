// The same apps as another version.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @return a copy under another version's name, with something to tell the courier's app by */
export function copyVersion(apps, folder, name) {
  const made = join(folder, name);
  cpSync(apps, made, { recursive: true });
  const { version: hash } = JSON.parse(readFileSync(join(made, "courier/version.json"), "utf8"));
  const change = (file, from, to) => {
    const path = join(made, "courier", file);
    const before = readFileSync(path, "utf8");
    assert.ok(before.includes(from), `${file} has ${from}`);
    writeFileSync(path, before.replaceAll(from, to));
    rmSync(`${path}.br`, { force: true });
  };
  change("service_worker.js", hash, name);
  change("index.html", '<html lang="vi">', `<html lang="vi" data-version="${name}">`);
  return made;
}

export const shownVersion = (page) =>
  page.evaluate(() => document.documentElement.dataset.version ?? "first");

/** As the app asks for itself from time to time. */
export const findUpdate = (page) =>
  page.evaluate(
    async () => void (await (await navigator.serviceWorker.getRegistration()).update()),
  );
