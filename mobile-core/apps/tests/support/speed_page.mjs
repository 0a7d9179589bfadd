// A page beside the app, of the same origin and on the same store, from which a measurement asks
// the core and bare SQLite: the page of tests/web.
import { build } from "esbuild";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @param apps a folder that a server will serve; the app in it is the courier's */
export async function addSpeedPage(apps, root) {
  const out = join(apps, "speed");
  mkdirSync(out);
  await build({
    entryPoints: {
      page: join(root, "tests/web/page.ts"),
      probe_worker: join(root, "tests/web/probe_worker.ts"),
      worker: join(root, "mobile-core/web/worker.ts"),
    },
    outdir: out,
    bundle: true,
    format: "esm",
    target: ["es2022"],
    minify: true,
    logLevel: "warning",
  });
  for (const name of ["core", "probe"]) {
    cpSync(join(root, `build/wasm/${name}.wasm`), join(out, `${name}.wasm`));
  }
  writeFileSync(
    join(out, "index.html"),
    "<!doctype html><meta charset=utf-8><title>speed</title><script type=module src=page.js></script>",
  );
}
