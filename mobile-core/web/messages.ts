// What the page, its worker and the workers of other tabs say to each other.

/** A JSON object as the core's requests, answers and events are (docs/core-api.md). */
export type JsonObject = { readonly [name: string]: unknown };

/** Where the core is. */
export type CoreState =
  | "starting" // nothing is known yet
  | "leading" // in this tab
  | "following" // in another tab, which answers
  | "waiting"; // another tab has the store and does not answer; calls wait

/** How the last synchronisation went, and whether there is a network as the browser sees it. */
export interface SyncState {
  readonly online: boolean;
  readonly busy: boolean;
  /** Unix milliseconds of the last answer of the server; null: none since the core was opened. */
  readonly answered_ms: number | null;
}

/** The core's Error. Code 0: the worker's own, where there is no core to ask. */
export interface ErrorAnswer {
  readonly code: number;
  readonly error: string;
  /** For engineers. */
  readonly detail: string;
  readonly vi: string;
  readonly en: string;
}

export interface WorkerOptions {
  /** The address of core.wasm. */
  readonly module: string;
  /** Name of the store in this origin. */
  readonly store: string;
  /** Where it is kept; null: whatever is best in this browser. */
  readonly files: "opfs" | "indexeddb" | null;
  /** OpenOptions of the core; its path is the worker's to say. */
  readonly open: JsonObject;
}

/** What is asked of the core. */
export type Job =
  | { readonly do: "call"; readonly request: JsonObject }
  | { readonly do: "add_file"; readonly begin: JsonObject; readonly file: Blob }
  | { readonly do: "read_file"; readonly hash: string };

export type JobResult =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly error: ErrorAnswer };

/** From the page to its worker. */
export type ToWorker =
  | { readonly kind: "open"; readonly options: WorkerOptions }
  | { readonly kind: "job"; readonly key: string; readonly job: Job }
  | { readonly kind: "page"; readonly visible: boolean; readonly online: boolean }
  | { readonly kind: "freeze" }
  | { readonly kind: "close" };

/** From the worker to its page. */
export type ToPage =
  | { readonly kind: "result"; readonly key: string; readonly result: JobResult }
  | { readonly kind: "event"; readonly event: JsonObject }
  | { readonly kind: "sync"; readonly sync: SyncState }
  | { readonly kind: "state"; readonly state: CoreState }
  | { readonly kind: "failed"; readonly error: ErrorAnswer }
  | { readonly kind: "closed" };

/** Between the workers of one origin's tabs. */
export type ToTabs =
  // by whoever has no lock
  | { readonly kind: "ask"; readonly key: string; readonly job: Job }
  | { readonly kind: "who" }
  | { readonly kind: "wanted" }
  // by the leader
  | { readonly kind: "told"; readonly key: string; readonly result: JobResult }
  | { readonly kind: "leads"; readonly sync: SyncState }
  | { readonly kind: "rests" } // it is hidden
  | { readonly kind: "event"; readonly event: JsonObject }
  | { readonly kind: "sync"; readonly sync: SyncState };
