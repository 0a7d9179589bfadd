// The module itself, without a browser: the same bytes as elsewhere, and the C ABI over files in
// memory, which fail as they are told.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { CoreFault, CoreModule } from "../../mobile-core/web/core";
import { failed, MemoryFiles } from "../../mobile-core/web/files";
import type { JsonObject } from "../../mobile-core/web/messages";

const root = process.cwd();
const pin = "825193";
const compiled = readFile(join(root, "build/wasm/core.wasm")).then((bytes) =>
  WebAssembly.compile(bytes));

async function open(files: MemoryFiles): Promise<CoreModule> {
  const core = await CoreModule.load(await compiled, files);
  core.open({});
  return core;
}

/** The name of the error that a call is answered with. */
function refused(core: CoreModule, request: JsonObject): string {
  try {
    core.call(request);
  } catch (error) {
    if (error instanceof CoreFault) return error.answer.error;
    throw error;
  }
  return "";
}

class BrokenFiles extends MemoryFiles {
  broken = false;

  override write(file: number, from: Uint8Array, offset: number): number {
    return this.broken ? failed : super.write(file, from, offset);
  }
}

test("record bytes and folded states are the same as on every machine", async () => {
  const program = join(root, "build/wasm/portable_vectors.wasm");
  const script = `
    import { readFile } from "node:fs/promises";
    import { WASI } from "node:wasi";
    const wasi = new WASI({ version: "preview1" });
    const module = await WebAssembly.compile(await readFile(${JSON.stringify(program)}));
    process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));`;
  const printed = execFileSync(process.execPath,
    ["--no-warnings", "--input-type=module", "-e", script], { encoding: "utf8" });
  const expected = await readFile(join(root, "tests/portable/expected.txt"), "utf8");
  assert.equal(printed, expected);
});

test("a request that is none is refused with a name and sentences", async () => {
  const core = await open(new MemoryFiles());
  for (const request of [{}, { "@type": "none" }, { "@type": "status", more: 1 }]) {
    assert.equal(refused(core, request), "argument_invalid");
  }
  assert.throws(() => core.sync_answer({ call: -1, status: 0 }, new Uint8Array(0)), CoreFault);
  assert.throws(() => core.read_file("00"), CoreFault);
  const { error, vi, en } = core.error(70);
  assert.equal(error, "store_full");
  assert.match(vi, /\p{Script=Latin}/u);
  assert.notEqual(en, "");
});

test("a new store has no vault, starts nothing, and is locked at every start", async () => {
  const files = new MemoryFiles();
  let core = await open(files);
  assert.equal(core.call({ "@type": "status" })["made"], false);
  assert.equal(refused(core, { "@type": "setPin", next: "111111" }), "pin_too_weak");
  core.call({ "@type": "setPin", next: pin });
  assert.equal(core.sync_next(), null);
  core.close();
  core = await open(files);
  assert.equal(core.call({ "@type": "status" })["locked"], true);
  assert.equal(refused(core, { "@type": "unlock", pin: "825194" }), "pin_wrong");
  core.call({ "@type": "unlock", pin });
  assert.equal(core.call({ "@type": "status" })["locked"], false);
  assert.equal(core.sync_next(), null);
});

test("one core has a store, a second one is told that it is busy", async () => {
  const core = await open(new MemoryFiles());
  core.call({ "@type": "setPin", next: pin });
  assert.throws(() => core.open({}), (error) =>
    error instanceof CoreFault && error.answer.error === "store_busy");
});

test("what was answered is there after the instance is gone", async () => {
  const files = new MemoryFiles();
  (await open(files)).call({ "@type": "setPin", next: pin });
  const core = await open(files);
  core.call({ "@type": "unlock", pin });
});

test("no room is store_full, and room again is enough to go on", async () => {
  const files = new MemoryFiles();
  const core = await open(files);
  files.room = files.used() + 8192;
  assert.equal(refused(core, { "@type": "setPin", next: pin }), "store_full");
  files.room = Number.POSITIVE_INFINITY;
  core.call({ "@type": "setPin", next: pin });
});

test("a write that fails is store_io", async () => {
  const files = new BrokenFiles();
  const core = await open(files);
  files.broken = true;
  assert.equal(refused(core, { "@type": "setPin", next: pin }), "store_io");
});

test("a store cannot be opened where nothing can be written, and says why", async () => {
  const files = new MemoryFiles();
  files.room = 0;
  await assert.rejects(open(files), (error) =>
    error instanceof CoreFault && error.answer.error === "store_full");
});
