// The C ABI of mobile-core/include/tannha/core/tannha.h, as it is called in a WebAssembly module.

import { database_name, type Files } from "./files";
import type { ErrorAnswer, JsonObject } from "./messages";

/** What the core answered instead of what was asked for. */
export class CoreFault extends Error {
  readonly answer: ErrorAnswer;

  constructor(answer: ErrorAnswer) {
    super(answer.error);
    this.answer = answer;
  }
}

/** SyncCall of the core, with the bytes that go with it. */
export interface SyncCall {
  readonly call: number;
  readonly method: string;
  readonly url: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly bearer: string;
  readonly timeoutMs: number;
}
export interface SyncHead {
  readonly call: number;
  readonly status: number;
  readonly retryAfterS?: number;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  tn_abi_version(): number;
  tn_alloc(size: number): number;
  tn_free(at: number): void;
  tn_open(options: number, size: number, core: number): number;
  tn_close(core: number): void;
  tn_call(core: number, request: number, size: number, answer: number): number;
  tn_receive(core: number, event: number): number;
  tn_step(core: number, wait_ms: number): number;
  tn_sync_next(core: number, call: number, body: number): number;
  tn_sync_answer(
    core: number, head: number, size: number, body: number, body_size: number): number;
  tn_blob_begin(core: number, begin: number, size: number, blob: number): number;
  tn_blob_write(core: number, blob: number, piece: number, size: number): number;
  tn_blob_end(core: number, blob: number, answer: number): number;
  tn_blob_read(
    core: number, hash: number, size: number, offset: bigint, size_max: number,
    piece: number): number;
  web_error_text(code: number, which: number, text: number): void;
}

const abi_version = 1;
const piece_size = 256 * 1024;
const no_step = 0xffff_ffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** One instance of the module, whose memory holds at most one core. */
export class CoreModule {
  readonly #exports: Exports;
  /** Room for two tn_bytes that the core fills in. */
  readonly #out: number;
  #core = 0;

  /** Rejects when the module is not what is expected. Nothing is opened yet. */
  static async load(module: WebAssembly.Module, files: Files): Promise<CoreModule> {
    let memory: WebAssembly.Memory | null = null;
    const instance = await WebAssembly.instantiate(module, imports(files, () => {
      if (!memory) throw new Error("no memory yet");
      return memory;
    }));
    const exports = instance.exports as unknown as Exports;
    memory = exports.memory;
    exports._initialize();
    return new CoreModule(exports);
  }

  private constructor(exports: Exports) {
    this.#exports = exports;
    if (exports.tn_abi_version() !== abi_version) throw new Error("another core than expected");
    this.#out = exports.tn_alloc(16);
  }

  /** Throws CoreFault; then there is no core. */
  open(options: JsonObject): void {
    const code = this.#with_json({ ...options, path: database_name }, (at, size) =>
      this.#exports.tn_open(at, size, this.#out));
    const core = this.#number_at(this.#out);
    if (code !== 0) {
      this.#exports.tn_close(core);
      throw this.#fault(code);
    }
    this.#core = core;
  }

  close(): void {
    this.#exports.tn_close(this.#core);
    this.#core = 0;
  }

  /** Throws CoreFault. */
  call(request: JsonObject): JsonObject {
    const code = this.#with_json(request, (at, size) =>
      this.#exports.tn_call(this.#core, at, size, this.#out));
    return this.#answer(code);
  }

  /** All events that there are, oldest first. */
  events(): JsonObject[] {
    const out: JsonObject[] = [];
    for (;;) {
      this.#check(this.#exports.tn_receive(this.#core, this.#out));
      const text = this.#text_at(this.#out);
      if (text === "") return out;
      out.push(JSON.parse(text) as JsonObject);
    }
  }

  /** @return in how many milliseconds to call it again at the latest; null: not by itself */
  step(): number | null {
    this.#check(this.#exports.tn_step(this.#core, this.#out));
    const wait_ms = this.#number_at(this.#out);
    return wait_ms === no_step ? null : wait_ms;
  }

  /** What to send now. */
  sync_next(): { call: SyncCall; body: Uint8Array<ArrayBuffer> } | null {
    this.#check(this.#exports.tn_sync_next(this.#core, this.#out, this.#out + 8));
    const text = this.#text_at(this.#out);
    if (text === "") return null;
    return { call: JSON.parse(text) as SyncCall, body: this.#copy_at(this.#out + 8) };
  }

  sync_answer(head: SyncHead, body: Uint8Array): void {
    this.#with_json({ ...head }, (at, size) => this.#with_bytes(body, (body_at) => {
      const code = this.#exports.tn_sync_answer(this.#core, at, size, body_at, body.byteLength);
      this.#check(code);
    }));
  }

  /** Throws CoreFault. Between two pieces no other call may come. */
  async add_file(begin: JsonObject, file: Blob): Promise<JsonObject> {
    const whole = { ...begin, size: file.size };
    this.#check(this.#with_json(whole, (at, size) =>
      this.#exports.tn_blob_begin(this.#core, at, size, this.#out)));
    const blob = this.#number_at(this.#out);
    for (let at = 0; at < file.size; at += piece_size) {
      const piece = new Uint8Array(await file.slice(at, at + piece_size).arrayBuffer());
      this.#check(this.#with_bytes(piece, (piece_at) =>
        this.#exports.tn_blob_write(this.#core, blob, piece_at, piece.byteLength)));
    }
    return this.#answer(this.#exports.tn_blob_end(this.#core, blob, this.#out));
  }

  /** Throws CoreFault. */
  read_file(hash: string): Blob {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const text = encoder.encode(hash);
    for (let offset = 0; ;) {
      this.#check(this.#with_bytes(text, (at) => this.#exports.tn_blob_read(
        this.#core, at, text.byteLength, BigInt(offset), piece_size, this.#out)));
      const piece = this.#copy_at(this.#out);
      if (piece.byteLength === 0) return new Blob(pieces);
      pieces.push(piece);
      offset += piece.byteLength;
    }
  }

  /** An error in words, for a code that comes without them. */
  error(code: number): ErrorAnswer {
    const [error = "", vi = "", en = ""] = [0, 1, 2].map((which) => {
      this.#exports.web_error_text(code, which, this.#out);
      return this.#text_at(this.#out);
    });
    return { code, error, detail: "", vi, en };
  }

  #answer(code: number): JsonObject {
    const answer = JSON.parse(this.#text_at(this.#out)) as JsonObject;
    if (code !== 0) throw new CoreFault(answer as unknown as ErrorAnswer);
    return answer;
  }

  #check(code: number): void {
    if (code !== 0) throw this.#fault(code);
  }

  #fault(code: number): CoreFault {
    return new CoreFault(this.error(code));
  }

  #with_json<T>(value: JsonObject, work: (at: number, size: number) => T): T {
    const bytes = encoder.encode(JSON.stringify(value));
    return this.#with_bytes(bytes, (at) => work(at, bytes.byteLength));
  }

  #with_bytes<T>(bytes: Uint8Array, work: (at: number) => T): T {
    const at = this.#exports.tn_alloc(bytes.byteLength);
    if (at === 0) throw new RangeError("no memory");
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
    const result = work(at);
    this.#exports.tn_free(at);
    return result;
  }

  #number_at(at: number): number {
    return new DataView(this.#exports.memory.buffer).getUint32(at, true);
  }

  #view_at(bytes: number): Uint8Array {
    const at = this.#number_at(bytes);
    return new Uint8Array(this.#exports.memory.buffer, at, this.#number_at(bytes + 4));
  }

  #copy_at(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view_at(bytes));
  }

  #text_at(bytes: number): string {
    return decoder.decode(this.#view_at(bytes));
  }
}

// What the module needs of its host: its files, and of WASI clocks and randomness. It says nothing;
// the C library's streams, which nobody writes to, find no file.

const wasi_ok = 0;
const wasi_bad_file = 8;
const wasi_invalid = 28;

export function imports(files: Files, memory: () => WebAssembly.Memory): WebAssembly.Imports {
  const bytes = (at: number, size: number) => new Uint8Array(memory().buffer, at, size);
  const no_file = () => wasi_bad_file;
  return {
    files: {
      open: (at: number, size: number) => files.open(decoder.decode(bytes(at, size))),
      read: (file: number, at: number, size: number, offset: number) =>
        files.read(file, bytes(at, size), offset),
      write: (file: number, at: number, size: number, offset: number) =>
        files.write(file, bytes(at, size), offset),
      truncate: (file: number, size: number) => files.truncate(file, size),
      sync: (file: number) => files.sync(file),
      size: (file: number) => files.size(file),
    },
    wasi_snapshot_preview1: {
      clock_time_get: (clock: number, _precision: bigint, at: number) => {
        const realtime = 0;
        const monotonic = 1;
        if (clock !== realtime && clock !== monotonic) return wasi_invalid;
        const ms = clock === realtime ? Date.now() : performance.now();
        const ns = BigInt(Math.round(ms * 1000)) * 1000n;
        new DataView(memory().buffer).setBigUint64(at, ns, true);
        return wasi_ok;
      },
      random_get: (at: number, size: number) => {
        const piece_size_max = 65536;
        for (let from = 0; from < size; from += piece_size_max) {
          crypto.getRandomValues(bytes(at + from, Math.min(piece_size_max, size - from)));
        }
        return wasi_ok;
      },
      proc_exit: (code: number) => {
        throw new WebAssembly.RuntimeError(`the core ended with ${code}`);
      },
      fd_close: no_file,
      fd_fdstat_get: no_file,
      fd_seek: no_file,
      fd_write: no_file,
    },
  };
}
