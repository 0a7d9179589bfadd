// The page of the tests in a browser: it opens the core and lets the test call it.
import { type Core, type CoreOptions, openCore } from "../../mobile-core/web/client";
import type { JsonObject } from "../../mobile-core/web/messages";

interface Told {
  core: Core | null;
  events: string[];
  /** Numbers of the writes that were answered, by whoever asked for them. */
  saved: number[];
}

const told: Told = { core: null, events: [], saved: [] };

async function start(files: CoreOptions["files"]): Promise<string> {
  const options: CoreOptions = { worker: "worker.js", module: "core.wasm" };
  if (files) options.files = files;
  const core = await openCore(options);
  core.on("event", (event) => told.events.push(String(event["@type"])));
  told.core = core;
  return core.state;
}

function core(): Core {
  if (!told.core) throw new Error("not started");
  return told.core;
}

/** The answer, or the error's name. */
async function call(request: JsonObject): Promise<JsonObject | string> {
  return core().call(request).catch((error: Error) => `${error.name} ${error.message}`);
}

/** Waits for an event that has not been waited for. */
async function event(name: string): Promise<void> {
  for (;;) {
    const at = told.events.indexOf(name);
    if (at >= 0) {
      told.events.splice(0, at + 1);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Writes notes one after the other, each with its number. @return how many milliseconds it took */
async function write_notes(dossier: string, first: number, count: number): Promise<number> {
  const begin = performance.now();
  for (let number = first; number < first + count; ++number) {
    await core().call({ "@type": "addNote", dossier, text: `note ${number}` });
    told.saved.push(number);
  }
  return performance.now() - begin;
}

/** Measures in a worker of its own. */
function probe(work: string, count: number): Promise<unknown> {
  const worker = new Worker("probe_worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = (error) => reject(new Error(error.message));
    worker.postMessage({ work, count });
  });
}

async function add_file(dossier: string, bytes: number[]): Promise<JsonObject | string> {
  const file = new Blob([new Uint8Array(bytes)], { type: "image/jpeg" });
  return core().addFile({ use: "photo", dossier, role: "page", line: 1 }, file)
    .catch((error: Error) => `${error.name} ${error.message}`);
}

async function read_file(hash: string): Promise<number[] | string> {
  try {
    return [...new Uint8Array(await (await core().readFile(hash)).arrayBuffer())];
  } catch (error) {
    return (error as Error).name;
  }
}

Object.assign(window, {
  test: { told, start, call, event, write_notes, probe, add_file, read_file },
});
