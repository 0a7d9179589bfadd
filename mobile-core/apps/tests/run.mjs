// Runs the tests of what needs no browser: node apps/tests/run.mjs [NAME…]
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const entryPoints = readdirSync(here)
  .filter((name) => name.endsWith("_test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .map((name) => join(here, name));
const out = mkdtempSync(join(tmpdir(), "tannha-apps-"));
try {
  await build({
    entryPoints,
    outdir: out,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    outExtension: { ".js": ".mjs" },
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
  });
  const run = spawnSync(
    process.execPath,
    [
      "--test",
      ...entryPoints.map((path) => join(out, path.slice(here.length + 1).replace(/\.ts$/, ".mjs"))),
    ],
    { stdio: "inherit", env: { ...process.env, TANNHA_APPS: dirname(here) } },
  );
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
