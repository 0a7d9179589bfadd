// What a page uses of the core. The core itself runs in a worker, in this tab or in another one of
// the same origin; the page does not notice which.
//
//   const core = await openCore({ worker: "/worker.js", module: "/core.wasm" });
//   core.on("event", (event) => …);
//   const answer = await core.call({ … });

import type {
  CoreState, ErrorAnswer, Job, JsonObject, SyncState, ToPage, ToWorker, WorkerOptions,
} from "./messages";

export type { CoreState, JsonObject, SyncState } from "./messages";

/** Why the core did not do what was asked: a number of docs/protocol.md, its name, a sentence. */
export class CoreError extends Error {
  readonly code: number;
  readonly detail: string;
  readonly vi: string;
  readonly en: string;

  constructor(error: ErrorAnswer) {
    super(error.en);
    this.name = error.error;
    this.code = error.code;
    this.detail = error.detail;
    this.vi = error.vi;
    this.en = error.en;
  }
}

export interface CoreOptions {
  /** The address of worker.js, of the page's own origin. */
  worker: string | URL;
  /** The address of core.wasm. */
  module: string | URL;
  /** Name of the store in this origin: `core`. */
  store?: string;
  /** Where it is kept: whatever is best in this browser. */
  files?: "opfs" | "indexeddb";
  /** OpenOptions of the core. */
  open?: JsonObject;
}

interface Kinds {
  /** What happened: oldest first, each once to every tab that is open. */
  event: JsonObject;
  /** How synchronising goes. */
  sync: SyncState;
  /** Where the core is. */
  state: CoreState;
  /** The core could not be opened; every call gets this until the page is loaded again. */
  failed: CoreError;
}

export interface Core {
  /** Asks; the answer is durable where it says saved. Rejects with CoreError. */
  call(request: JsonObject): Promise<JsonObject>;
  /** Adds a file, of which a part at a time is in memory. @param begin BlobBegin */
  addFile(begin: JsonObject, file: Blob): Promise<JsonObject>;
  /** @param hash 64 hexadecimal digits. Rejects with CoreError (store_not_found: not here). */
  readFile(hash: string): Promise<Blob>;
  /** @return a function that ends it */
  on<K extends keyof Kinds>(kind: K, listener: (value: Kinds[K]) => void): () => void;
  readonly state: CoreState;
  readonly sync: SyncState;
  /** Ends the worker after what it was asked; another tab may go on at once. */
  close(): Promise<void>;
}

/** Using the page is told as often as this. */
const touch_ms = 20_000;

type Waiting = { resolve: (answer: unknown) => void; reject: (error: CoreError) => void };

class PageCore implements Core {
  state: CoreState = "starting";
  sync: SyncState = { online: navigator.onLine, busy: false, answered_ms: null };

  readonly #worker: Worker;
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners: { [K in keyof Kinds]: Set<(value: Kinds[K]) => void> } = {
    event: new Set(), sync: new Set(), state: new Set(), failed: new Set(),
  };
  readonly #page = new AbortController();
  #closed: (() => void) | null = null;
  #touched_ms = 0;

  constructor(options: CoreOptions) {
    this.#worker = new Worker(options.worker, { type: "module", name: "core" });
    this.#worker.onmessage = (message: MessageEvent<ToPage>) => this.#take(message.data);
    this.#worker.onerror = () => this.#fail(worker_failed);
    const base = document.baseURI;
    const to_worker: WorkerOptions = {
      module: new URL(options.module, base).href,
      store: options.store ?? "core",
      files: options.files ?? null,
      open: options.open ?? {},
    };
    this.#send({ kind: "open", options: to_worker });
    this.#tell_page();
    const signal = this.#page.signal;
    document.addEventListener("visibilitychange", () => this.#tell_page(), { signal });
    window.addEventListener("online", () => this.#tell_page(), { signal });
    window.addEventListener("offline", () => this.#tell_page(), { signal });
    // A frozen tab, or one kept for going back to, could not give the store to another one.
    document.addEventListener("freeze", () => this.#send({ kind: "freeze" }), { signal });
    document.addEventListener("resume", () => this.#tell_page(), { signal });
    window.addEventListener("pagehide", () => this.#send({ kind: "freeze" }), { signal });
    window.addEventListener("pageshow", () => this.#tell_page(), { signal });
    for (const use of ["pointerdown", "keydown"]) {
      window.addEventListener(use, () => this.#touch(), { signal, passive: true });
    }
  }

  async call(request: JsonObject): Promise<JsonObject> {
    return await this.#job({ do: "call", request }) as JsonObject;
  }

  async addFile(begin: JsonObject, file: Blob): Promise<JsonObject> {
    return await this.#job({ do: "add_file", begin, file }) as JsonObject;
  }

  async readFile(hash: string): Promise<Blob> {
    return await this.#job({ do: "read_file", hash }) as Blob;
  }

  on<K extends keyof Kinds>(kind: K, listener: (value: Kinds[K]) => void): () => void {
    this.#listeners[kind].add(listener);
    return () => this.#listeners[kind].delete(listener);
  }

  async close(): Promise<void> {
    this.#page.abort();
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      this.#send({ kind: "close" });
    });
    this.#worker.terminate();
  }

  /** The person is there: the core locks itself when nobody is. */
  #touch(): void {
    if (Date.now() < this.#touched_ms + touch_ms) return;
    this.#touched_ms = Date.now();
    // Before there is a vault, or while it is locked, it says no.
    this.call({ "@type": "touch" }).catch(() => undefined);
  }

  #job(job: Job): Promise<unknown> {
    // The key says that a job is the same one when it is sent again, to another tab's core.
    const key = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      this.#waiting.set(key, { resolve, reject });
      this.#send({ kind: "job", key, job });
    });
  }

  #take(message: ToPage): void {
    switch (message.kind) {
      case "result": {
        const waiting = this.#waiting.get(message.key);
        this.#waiting.delete(message.key);
        if (message.result.ok) waiting?.resolve(message.result.answer);
        else waiting?.reject(new CoreError(message.result.error));
        break;
      }
      case "event":
        this.#tell("event", message.event);
        break;
      case "sync":
        this.sync = message.sync;
        this.#tell("sync", message.sync);
        break;
      case "state":
        this.state = message.state;
        this.#tell("state", message.state);
        break;
      case "failed":
        this.#tell("failed", new CoreError(message.error));
        break;
      case "closed":
        this.#closed?.();
        break;
    }
  }

  #fail(error: ErrorAnswer): void {
    for (const { reject } of this.#waiting.values()) reject(new CoreError(error));
    this.#waiting.clear();
    this.#tell("failed", new CoreError(error));
  }

  #tell<K extends keyof Kinds>(kind: K, value: Kinds[K]): void {
    for (const listener of [...this.#listeners[kind]]) listener(value);
  }

  #tell_page(): void {
    const visible = document.visibilityState === "visible";
    this.#send({ kind: "page", visible, online: navigator.onLine });
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

const worker_failed: ErrorAnswer = {
  code: 0,
  error: "worker_failed",
  detail: "",
  vi: "Ứng dụng không khởi động được. Hãy tải lại trang.",
  en: "The application could not start. Load the page again.",
};

/**
 * Starts the worker and waits until the core answers, here or in another tab.
 * Nothing outside this browser happens by it. Rejects with CoreError when it cannot be opened.
 */
export async function openCore(options: CoreOptions): Promise<Core> {
  const core = new PageCore(options);
  await new Promise<void>((resolve, reject) => {
    const end = [
      core.on("state", (state) => {
        if (state === "starting" || state === "waiting") return;
        for (const stop of end) stop();
        resolve();
      }),
      core.on("failed", (error) => {
        for (const stop of end) stop();
        reject(error);
      }),
    ];
  });
  return core;
}
