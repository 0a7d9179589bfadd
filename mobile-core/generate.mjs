// Writes the types of TypeScript and Java from docs/core-api.md, which a test keeps equal to the
// code. `node mobile-core/generate.mjs` writes; with --check it writes nothing, and fails when a
// file is not what it would write, or is one that it would no longer write.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readApi } from "./generate/api_doc.mjs";
import { java } from "./generate/java.mjs";
import { typescript } from "./generate/typescript.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A file's text; null: there is none. */
function current(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return null;
  }
}

/** What is to be: text by path; null: no file, for an earlier document had a type that is gone. */
function wanted() {
  const api = readApi(readFileSync(join(root, "docs/core-api.md"), "utf8"));
  const { folder, header, files } = java(api);
  const all = new Map([["mobile-core/web/api.ts", typescript(api)], ...files]);
  mkdirSync(join(root, folder), { recursive: true });
  for (const name of readdirSync(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (!all.has(path) && current(path).startsWith(header)) all.set(path, null);
  }
  return all;
}

const different = [...wanted()].filter(([path, text]) => current(path) !== text);
if (process.argv[2] === "--check") {
  for (const [path] of different) console.error(`differs: ${path}`);
  if (different.length > 0) console.error("run node mobile-core/generate.mjs");
  process.exitCode = different.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of different) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (text === null) rmSync(join(root, path));
    else writeFileSync(join(root, path), text);
    console.log(path);
  }
}
