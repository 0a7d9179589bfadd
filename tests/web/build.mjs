// Bundles the tests, and what they load into a browser, into build/web-test.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The packages are the apps' own.
const { build } = createRequire(join(process.cwd(), "mobile-core/package.json"))("esbuild");
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../build/web-test");
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "site"), { recursive: true });

const common = {
  bundle: true, format: "esm", target: ["es2022"], logLevel: "warning", sourcemap: "inline",
};
await build({
  ...common,
  entryPoints: {
    worker: join(here, "../../mobile-core/web/worker.ts"),
    page: join(here, "page.ts"),
    probe_worker: join(here, "probe_worker.ts"),
  },
  outdir: join(out, "site"),
});
writeFileSync(join(out, "site/index.html"),
  "<!doctype html><meta charset=utf-8><title>core</title>" +
  "<script type=module src=page.js></script>");
await build({
  ...common,
  platform: "node",
  entryPoints: ["module", "browser"].map((name) => join(here, `${name}.test.ts`)),
  outdir: out,
  outExtension: { ".js": ".mjs" },
});
