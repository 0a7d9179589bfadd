// Builds an app into build/apps: node apps/build.mjs courier [--out FOLDER] [--core FILE]
// The core is build/wasm/core.wasm, which tools/wasm makes.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

/** What a phone must fetch before the first use, without the reader of codes. */
const SHELL_BROTLI_BYTES_MAX = 500_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const app = process.argv[2];
if (!["courier", "citizen", "officer"].includes(app)) {
  console.error("usage: node apps/build.mjs courier | citizen | officer");
  process.exit(2);
}
const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? resolve(process.argv[at + 1]) : otherwise;
};
const out = option("--out", join(root, "../build/apps", app));
const core = option("--core", join(root, "../build/wasm/core.wasm"));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const common = {
  bundle: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  sourcemap: false,
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
  legalComments: "none",
};

const { metafile } = await build({
  ...common,
  metafile: true,
  entryPoints: {
    app: join(here, app, "main.tsx"),
    style: join(here, app, "style.css"),
    quality_worker: join(here, "shared/quality_worker.ts"),
    core_worker: join(root, "web/worker.ts"),
  },
  outdir: out,
  splitting: true,
  chunkNames: "part-[name]-[hash]",
});

const require = createRequire(import.meta.url);
cpSync(core, join(out, "core.wasm"));
cpSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm"), join(out, "zxing_reader.wasm"));
// What the app consists of is asked for at once, not when a part of it names the next.
const parts = Object.entries(metafile.outputs)
  .find(([path]) => path.endsWith("/app.js"))[1]
  .imports.filter((one) => one.kind === "import-statement")
  .map((one) => `<link rel="modulepreload" href="${one.path.split("/").pop()}">`);
const page = readFileSync(join(here, app, "index.html"), "utf8");
writeFileSync(
  join(out, "index.html"),
  page.replace("</head>", parts.map((line) => `  ${line}\n  `).join("") + "</head>"),
);
cpSync(join(here, app, "manifest.webmanifest"), join(out, "manifest.webmanifest"));
cpSync(join(here, app, "icon.svg"), join(out, "icon.svg"));
for (const side of [192, 512]) {
  execFileSync("rsvg-convert", [
    "-w",
    side,
    "-h",
    side,
    join(here, app, "icon.svg"),
    "-o",
    join(out, `icon-${side}.png`),
  ]);
}

const isIcon = (name) => name.endsWith(".png");
const files = readdirSync(out)
  .filter((name) => statSync(join(out, name)).isFile())
  .sort();
const hash = createHash("sha256");
for (const name of files)
  hash
    .update(name)
    .update("\0")
    .update(readFileSync(join(out, name)));
const version = hash.digest("hex").slice(0, 16);
await build({
  ...common,
  format: "iife",
  entryPoints: { service_worker: join(here, "shared/service_worker.ts") },
  outdir: out,
  define: {
    // The icons are asked for once, by whoever installs the app.
    SHELL: JSON.stringify(files.filter((file) => !isIcon(file))),
    VERSION: JSON.stringify(version),
    APP: JSON.stringify(app),
  },
});

// The reader and what belongs to it come later, when a camera opens for the first time; so does
// what a receipt printer needs, and the second language.
const isReader = (name) => name === "zxing_reader.wasm" || name.startsWith("part-barcode-");
const isPrinting = (name) => name.startsWith("part-print_slip-");
const isEnglish = (name) => name.startsWith("part-en-");
// As it goes over the wire; a server that does not know files with ".br" sends the others.
const packed = (name) => {
  const bytes = brotliCompressSync(readFileSync(join(out, name)));
  writeFileSync(join(out, `${name}.br`), bytes);
  return bytes.length;
};
let shell = 0;
let reader = 0;
let printing = 0;
let english = 0;
for (const name of [...files, "service_worker.js"]) {
  if (isIcon(name)) continue;
  if (isReader(name)) reader += packed(name);
  else if (isPrinting(name)) printing += packed(name);
  else if (isEnglish(name)) english += packed(name);
  else shell += packed(name);
}
const told = { app, version, shell, reader, printing, english };
writeFileSync(join(out, "version.json"), JSON.stringify(told) + "\n");
const later =
  (printing > 0 ? `, printing ${printing} bytes` : "") +
  (english > 0 ? `, English ${english} bytes` : "");
const first = `shell ${shell} bytes, code reader ${reader} bytes`;
console.log(`${app} ${version}: ${first}${later} (brotli)`);
if (shell > SHELL_BROTLI_BYTES_MAX) {
  console.error(`the shell is larger than ${SHELL_BROTLI_BYTES_MAX} bytes`);
  process.exit(1);
}
