// The worker of one page. Of all workers of an origin one has the store's lock and leads: it runs
// the core, and the others send it what their pages ask. When it ends, the next one goes on, and is
// sent again what was not answered; the core does nothing twice that has the same key.

import { Leader } from "./leader";
import { CoreFault } from "./core";
import type {
  CoreState, ErrorAnswer, Job, JobResult, JsonObject, SyncState, ToPage, ToTabs, ToWorker,
  WorkerOptions,
} from "./messages";

/** A hidden tab keeps the store this long unless another one wants it: a camera hides the page. */
const hidden_ms_max = 60_000;
/** Whoever leads answers within this time. */
const answer_ms_max = 3_000;
/** Of how many jobs the result is kept for whoever asks again. */
const results_max = 256;

const start_failed: ErrorAnswer = {
  code: 0,
  error: "start_failed",
  detail: "",
  vi: "Ứng dụng không mở được dữ liệu. Hãy tải lại trang.",
  en: "The application could not open its data. Load the page again.",
};

class TabWorker {
  readonly #options: WorkerOptions;
  readonly #tabs: BroadcastChannel;
  readonly #module: Promise<WebAssembly.Module>;
  #leader: Leader | null = null;
  /** Gives the lock back. */
  #let_go: (() => void) | null = null;
  /** Ends waiting for the lock. */
  #contending: AbortController | null = null;
  #visible = true;
  #online = true;
  #closing = false;
  /** Why the store cannot be opened. Whatever it is, somebody has to do something first. */
  #failed: ErrorAnswer | null = null;
  #state: CoreState = "starting";
  #hidden_timer: ReturnType<typeof setTimeout> | undefined;
  #answer_timer: ReturnType<typeof setTimeout> | undefined;
  /** What this page asked and was not answered, in that order. */
  readonly #asked = new Map<string, Job>();
  /** What the leader has done or is doing, by key. */
  readonly #results = new Map<string, Promise<JobResult>>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#module = load(options.module);
    // Whoever needs it hears of a failure.
    this.#module.catch(() => undefined);
    this.#tabs = new BroadcastChannel(`core:${options.store}`);
    this.#tabs.onmessage = (message: MessageEvent<ToTabs>) => this.#hear(message.data);
    this.#contend();
    this.#look_for_leader();
  }

  job(key: string, job: Job): void {
    this.#asked.set(key, job);
    if (this.#failed) return this.#answer(key, { ok: false, error: this.#failed });
    if (this.#leader) void this.#serve_page(key, job);
    else this.#ask(key, job);
    this.#contend();
  }

  page(visible: boolean, online: boolean): void {
    const came_back = (visible && !this.#visible) || (online && !this.#online);
    this.#visible = visible;
    this.#online = online;
    clearTimeout(this.#hidden_timer);
    if (visible) {
      this.#contend();
      if (!this.#leader) this.#look_for_leader();
    } else {
      if (!this.#leader && this.#asked.size === 0) this.#contending?.abort();
      this.#rest();
    }
    if (!this.#leader) return;
    if (!online) this.#leader.set_offline();
    else if (came_back) void this.#leader.look(online);
  }

  /** The page is about to stand still, in which it could not give the store to another one. */
  freeze(): void {
    this.#visible = false;
    if (!this.#leader) this.#contending?.abort();
    this.#let_go?.();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#hidden_timer);
    clearTimeout(this.#answer_timer);
    const [leads, contending] = [this.#let_go !== null, this.#contending];
    if (leads) this.#let_go?.();
    else contending?.abort();
    await this.#ended;
    this.#tabs.close();
    to_page({ kind: "closed" });
  }

  // The lock

  #ended: Promise<void> = Promise.resolve();

  /** Waits for the lock, while there is something that this tab would do with it. */
  #contend(): void {
    if (this.#contending || this.#closing || this.#failed) return;
    if (!this.#visible && this.#asked.size === 0) return;
    const contending = new AbortController();
    this.#contending = contending;
    const signal = contending.signal;
    this.#ended = navigator.locks.request(`core:${this.#options.store}`, { signal }, () =>
      this.#lead()).catch((error: unknown) => {
      if (!signal.aborted) this.#fail(error);
    }).finally(() => {
      this.#contending = null;
      // Another tab leads now, or nobody does until this one is looked at.
      if (!this.#closing && this.#visible) this.#contend();
    });
    // A hidden leader gives way.
    this.#say({ kind: "wanted" });
  }

  async #lead(): Promise<void> {
    if (this.#closing) return;
    const released = new Promise<void>((resolve) => {
      this.#let_go = resolve;
    });
    try {
      const module = await this.#module;
      this.#leader = await Leader.open(module, this.#options, this.#online, {
        event: (event) => this.#event(event),
        sync: (sync) => this.#tell_sync(sync),
      });
    } catch (error) {
      this.#let_go = null;
      return this.#fail(error);
    }
    this.#set_state("leading");
    this.#say({ kind: "leads", sync: this.#leader.sync });
    to_page({ kind: "sync", sync: this.#leader.sync });
    for (const [key, job] of this.#asked) void this.#serve_page(key, job);
    this.#rest();
    await released;
    const leader = this.#leader;
    this.#leader = null;
    this.#let_go = null;
    // What is under way ends first, and is answered.
    await Promise.allSettled(this.#results.values());
    await leader.close();
    this.#results.clear();
    this.#set_state("waiting");
  }

  /** A hidden leader gives the lock back: at once when asked, otherwise after a while. */
  #rest(): void {
    if (this.#visible || !this.#let_go) return;
    this.#say({ kind: "rests" });
    clearTimeout(this.#hidden_timer);
    this.#hidden_timer = setTimeout(() => {
      if (!this.#visible) this.#let_go?.();
    }, hidden_ms_max);
  }

  #fail(error: unknown): void {
    const answer = error instanceof CoreFault
      ? error.answer : { ...start_failed, detail: String(error) };
    this.#failed = answer;
    to_page({ kind: "failed", error: answer });
    for (const key of [...this.#asked.keys()]) this.#answer(key, { ok: false, error: answer });
  }

  // Jobs

  #serve(key: string, job: Job): Promise<JobResult> {
    const before = this.#results.get(key);
    if (before || !this.#leader) return before ?? new Promise(() => undefined);
    const result = this.#leader.run(key, job);
    this.#results.set(key, result);
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= results_max) break;
      this.#results.delete(oldest);
    }
    return result;
  }

  async #serve_page(key: string, job: Job): Promise<void> {
    this.#answer(key, await this.#serve(key, job));
  }

  async #serve_tab(key: string, job: Job): Promise<void> {
    this.#say({ kind: "told", key, result: await this.#serve(key, job) });
  }

  #answer(key: string, result: JobResult): void {
    if (!this.#asked.delete(key)) return;
    to_page({ kind: "result", key, result });
  }

  #ask(key: string, job: Job): void {
    this.#say({ kind: "ask", key, job });
  }

  // Other tabs

  #hear(message: ToTabs): void {
    switch (message.kind) {
      case "ask":
        if (this.#leader) void this.#serve_tab(message.key, message.job);
        break;
      case "who":
        if (this.#leader) this.#say({ kind: "leads", sync: this.#leader.sync });
        break;
      case "wanted":
        if (this.#leader && !this.#visible) this.#let_go?.();
        break;
      case "told":
        this.#answer(message.key, message.result);
        break;
      case "leads":
        clearTimeout(this.#answer_timer);
        this.#set_state("following");
        to_page({ kind: "sync", sync: message.sync });
        for (const [key, job] of this.#asked) this.#ask(key, job);
        break;
      case "rests":
        if (this.#contending && this.#visible) this.#say({ kind: "wanted" });
        break;
      case "event":
        to_page({ kind: "event", event: message.event });
        break;
      case "sync":
        to_page({ kind: "sync", sync: message.sync });
        break;
    }
  }

  #look_for_leader(): void {
    this.#say({ kind: "who" });
    clearTimeout(this.#answer_timer);
    this.#answer_timer = setTimeout(() => {
      if (!this.#leader) this.#set_state("waiting");
    }, answer_ms_max);
  }

  #event(event: JsonObject): void {
    to_page({ kind: "event", event });
    this.#say({ kind: "event", event });
  }

  #tell_sync(sync: SyncState): void {
    to_page({ kind: "sync", sync });
    this.#say({ kind: "sync", sync });
  }

  #say(message: ToTabs): void {
    this.#tabs.postMessage(message);
  }

  #set_state(state: CoreState): void {
    if (state === this.#state) return;
    this.#state = state;
    to_page({ kind: "state", state });
  }
}

async function load(address: string): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

function to_page(message: ToPage): void {
  self.postMessage(message);
}

let worker: TabWorker | null = null;
self.onmessage = (message: MessageEvent<ToWorker>) => {
  const data = message.data;
  switch (data.kind) {
    case "open":
      worker ??= new TabWorker(data.options);
      break;
    case "job":
      worker?.job(data.key, data.job);
      break;
    case "page":
      worker?.page(data.visible, data.online);
      break;
    case "freeze":
      worker?.freeze();
      break;
    case "close":
      void worker?.close();
      break;
  }
};
