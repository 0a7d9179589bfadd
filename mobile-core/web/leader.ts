// The one core of a store, while this worker has the lock: runs jobs one after the other, carries
// the conversation with the server, and lets nothing out before it is durable.

import { CoreFault, CoreModule, type SyncCall, type SyncHead } from "./core";
import { type Files, open_files, StoreFailure } from "./files";
import { Live } from "./live";
import type {
  ErrorAnswer, Job, JobResult, JsonObject, SyncState, WorkerOptions,
} from "./messages";

/** What the leader says, to its own page and to other tabs. */
export interface Listener {
  event(event: JsonObject): void;
  sync(sync: SyncState): void;
}

// Numbers of docs/protocol.md, for what the store does after the core has answered.
const store_full = 70;
const store_io = 72;

/** Larger than any answer of a server. */
const body_size_max = 64 * 1024 * 1024;

const core_stopped: ErrorAnswer = {
  code: 0,
  error: "core_stopped",
  detail: "",
  vi: "Ứng dụng vừa gặp lỗi và đã mở lại. Hãy làm lại việc vừa rồi.",
  en: "The application met an error and was opened again. Do the last step again.",
};

export class Leader {
  #core: CoreModule | null = null;
  #files: Files | null = null;
  /** Whoever comes next waits for this. */
  #tail: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #live = new Live(() => void this.look(this.#sync.online));
  /** Ends what is being fetched. */
  readonly #closing = new AbortController();
  #sync: SyncState;

  /** Opens the store. Rejects with CoreFault, or with what the browser says. */
  static async open(
    module: WebAssembly.Module, options: WorkerOptions, online: boolean, listener: Listener,
  ): Promise<Leader> {
    const leader = new Leader(module, options, online, listener);
    await leader.#open();
    await leader.#queue(() => undefined);
    return leader;
  }

  private constructor(
    private readonly module: WebAssembly.Module, private readonly options: WorkerOptions,
    online: boolean, private readonly listener: Listener,
  ) {
    this.#sync = { online, busy: false, answered_ms: null };
  }

  get sync(): SyncState {
    return this.#sync;
  }

  /** @param key of the job: the same one again does it once (of what writes a record) */
  async run(key: string, job: Job): Promise<JobResult> {
    try {
      return { ok: true, answer: await this.#queue((core) => work(core, key, job)) };
    } catch (error) {
      return { ok: false, error: this.#answer_of(error) };
    }
  }

  /** The page is looked at again, or the network is back: synchronises if that is possible. */
  async look(online: boolean): Promise<void> {
    this.#set_sync({ online });
    if (!online) return;
    await this.#queue((core) => {
      const status = core.call({ "@type": "status" });
      // Nobody is asked to do what nobody has begun.
      if (status["locked"] || !status["me"]) return;
      core.call({ "@type": "sync" });
    }).catch(() => undefined);
  }

  set_offline(): void {
    this.#live.close();
    this.#set_sync({ online: false });
  }

  /** After what was begun; then another worker may open the store. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#live.close();
    await this.#tail.catch(() => undefined);
    clearTimeout(this.#timer);
    await this.#shut();
  }

  async #open(): Promise<void> {
    const files = await open_files(this.options.store, this.options.files);
    try {
      const core = await CoreModule.load(this.module, files);
      core.open(this.options.open);
      this.#core = core;
      this.#files = files;
    } catch (error) {
      await files.close();
      throw error;
    }
  }

  async #shut(): Promise<void> {
    const [core, files] = [this.#core, this.#files];
    this.#core = null;
    this.#files = null;
    core?.close();
    // Nothing that was answered depends on it.
    await files?.settle().catch(() => undefined);
    await files?.close();
  }

  /** Work with the core, alone, and whatever follows from it. */
  #queue<T>(step: (core: CoreModule) => T | Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#turn(step), () => this.#turn(step));
    this.#tail = turn;
    return turn;
  }

  async #turn<T>(step: (core: CoreModule) => T | Promise<T>): Promise<T> {
    if (!this.#core) await this.#open();
    const [core, files] = [this.#core, this.#files];
    if (!core || !files) throw new Error("not open");
    let outcome: { value: T } | { fault: CoreFault };
    try {
      try {
        outcome = { value: await step(core) };
      } catch (error) {
        // The core has said no, and goes on.
        if (!(error instanceof CoreFault)) throw error;
        outcome = { fault: error };
      }
      await this.#after(core, files);
    } catch (error) {
      // What is in its memory may not be what is in the store: it begins again from there.
      this.#core = null;
      this.#files = null;
      const answer = error instanceof StoreFailure
        ? new CoreFault(core.error(error.is_full ? store_full : store_io)) : error;
      await files.close();
      throw answer;
    }
    if ("fault" in outcome) throw outcome.fault;
    return outcome.value;
  }

  /** What the core wants next, and what it says once it is durable. */
  async #after(core: CoreModule, files: Files): Promise<void> {
    const wait_ms = core.step();
    const next = this.#closing.signal.aborted ? null : core.sync_next();
    const events = core.events();
    const heard = (type: string) => events.some((event) => event["@type"] === type);
    // Only now there is a token that the server knows; a locked core wants no news.
    if (heard("locked")) this.#live.close();
    else if (heard("synced") && !this.#live.is_open) this.#live.open(core.call({ "@type": "live" }));
    await files.settle();
    for (const event of events) this.listener.event(event);
    clearTimeout(this.#timer);
    if (wait_ms !== null && !this.#closing.signal.aborted) {
      const timer_ms_max = 0x7fff_ffff;
      this.#timer = setTimeout(() => {
        this.#queue(() => undefined).catch(() => undefined);
      }, Math.min(wait_ms, timer_ms_max));
    }
    if (next) void this.#carry(next.call, next.body);
  }

  async #carry(call: SyncCall, body: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#set_sync({ busy: true });
    const { head, bytes } = await send(call, body, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    const answered = head.status === 0 ? {} : { answered_ms: Date.now() };
    this.#set_sync({ busy: false, ...answered });
    await this.#queue((core) => core.sync_answer(head, bytes)).catch(() => undefined);
  }

  #set_sync(change: Partial<SyncState>): void {
    const before = this.#sync;
    this.#sync = { ...before, ...change };
    if (JSON.stringify(before) !== JSON.stringify(this.#sync)) this.listener.sync(this.#sync);
  }

  #answer_of(error: unknown): ErrorAnswer {
    if (error instanceof CoreFault) return error.answer;
    return { ...core_stopped, detail: String(error) };
  }
}

function work(core: CoreModule, key: string, job: Job): unknown {
  switch (job.do) {
    case "call":
      return core.call({ "@key": key, ...job.request });
    case "add_file":
      return core.add_file({ key, ...job.begin }, job.file);
    case "read_file":
      return core.read_file(job.hash);
  }
}

/** One exchange over HTTP. Status 0: no answer came. */
async function send(
  call: SyncCall, body: Uint8Array<ArrayBuffer>, closing: AbortSignal,
): Promise<{ head: SyncHead; bytes: Uint8Array }> {
  const headers = new Headers();
  if (call.contentType !== "") headers.set("Content-Type", call.contentType);
  if (call.contentEncoding !== "") headers.set("Content-Encoding", call.contentEncoding);
  if (call.bearer !== "") headers.set("Authorization", `Bearer ${call.bearer}`);
  const abort = new AbortController();
  const end = () => abort.abort();
  const timer = setTimeout(end, call.timeoutMs);
  closing.addEventListener("abort", end);
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers,
      ...(call.method === "GET" ? {} : { body }),
      signal: abort.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    const bytes = await read_body(response);
    const wait_s = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    const head = { call: call.call, status: response.status };
    return { head: wait_s >= 0 ? { ...head, retryAfterS: wait_s } : head, bytes };
  } catch {
    return { head: { call: call.call, status: 0 }, bytes: new Uint8Array(0) };
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", end);
  }
}

async function read_body(response: Response): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = await (reader?.read() ?? { done: true, value: undefined });
    if (done || !value) break;
    size += value.byteLength;
    if (size > body_size_max) {
      await reader?.cancel();
      throw new RangeError("the answer is too large");
    }
    pieces.push(value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
