// Writes the types of TypeScript and Java from docs/core-api.md, which a test keeps equal to the
// code. `node mobile-core/generate.mjs` writes; with --check it writes nothing, and fails when a
// file is not what it would write.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readApi } from "./generate/api_doc.mjs";
import { typescript } from "./generate/typescript.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What this writes: text by path. */
function generated() {
  const api = readApi(readFileSync(join(root, "docs/core-api.md"), "utf8"));
  return new Map([["mobile-core/web/api.ts", typescript(api)]]);
}

function current(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return null;
  }
}

const wanted = generated();
const different = [...wanted].filter(([path, text]) => current(path) !== text);
if (process.argv[2] === "--check") {
  for (const [path] of different) console.error(`differs: ${path}`);
  if (different.length > 0) console.error("run node mobile-core/generate.mjs");
  process.exitCode = different.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of different) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(path);
  }
}
