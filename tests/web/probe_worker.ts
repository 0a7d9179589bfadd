// Measures bare SQLite on the module's files, and fills the disk.
import { imports } from "../../mobile-core/web/core";
import { OpfsFiles } from "../../mobile-core/web/files";

/** The bytes of a record as the core writes one, with its rows. */
const row_size = 700;

interface Probe {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  probe_open(): number;
  probe_insert(count: number, size: number): number;
  probe_close(): void;
}

async function insert(count: number): Promise<number> {
  const files = await OpfsFiles.open("probe");
  let memory: WebAssembly.Memory | null = null;
  const bytes = await (await fetch("probe.wasm")).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(bytes, imports(files, () => {
    if (!memory) throw new Error("no memory yet");
    return memory;
  }));
  const probe = instance.exports as unknown as Probe;
  memory = probe.memory;
  probe._initialize();
  const opened = probe.probe_open();
  if (opened !== 0) throw new Error(`SQLite: ${opened}`);
  const begin = performance.now();
  const done = probe.probe_insert(count, row_size);
  if (done !== 0) throw new Error(`SQLite: ${done}`);
  const took_ms = performance.now() - begin;
  probe.probe_close();
  await files.close();
  return took_ms;
}

self.onmessage = async ({ data }: MessageEvent<{ work: string; count: number }>) => {
  self.postMessage(await insert(data.count));
};
