// Where the module's files are. A worker opens them before the core starts, as SQLite never waits;
// from then on the core reads and writes them as if they were a disk. All of a store's files are
// named here: the database and what SQLite and the engine keep beside it.

/** The database: what OpenOptions of the core says. */
export const database_name = "core.db";
const names = ["", "-journal", "-wal", "-reserve"].map((end) => database_name + end);

/** What goes wrong, as mobile-core/src/web/sqlite_vfs.cpp has it. */
export const not_there = -1;
export const full = -2;
export const failed = -3;

export interface Files {
  /** @return the file's number, or not_there */
  open(name: string): number;
  /** @return how many bytes there were, or failed */
  read(file: number, into: Uint8Array, offset: number): number;
  /** @return 0 when all of it is written, full or failed; the same for those below */
  write(file: number, from: Uint8Array, offset: number): number;
  truncate(file: number, size: number): number;
  /** Durable on return, where settle() says nothing else. */
  sync(file: number): number;
  size(file: number): number;
  /**
   * Makes what was written durable where sync() cannot; until then nothing that the core said may
   * leave the worker. Rejects with StoreFailure: what was written since the last time is lost, and
   * the core has to be opened anew.
   */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export class StoreFailure extends Error {
  readonly is_full: boolean;

  constructor(cause: unknown) {
    super("the store could not be written", { cause });
    this.is_full = is_quota(cause);
  }
}

function is_quota(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

// Files of the origin, each through the one handle that may write it

export class OpfsFiles implements Files {
  readonly #handles: FileSystemSyncAccessHandle[];

  private constructor(handles: FileSystemSyncAccessHandle[]) {
    this.#handles = handles;
  }

  /** Rejects when this browser has no such files, or another worker has these open for long. */
  static async open(store: string): Promise<OpfsFiles> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(store, { create: true });
    const opened = await Promise.allSettled(names.map(async (name) =>
      open_handle(await folder.getFileHandle(name, { create: true }))));
    const refused = opened.find((one) => one.status === "rejected");
    const handles = opened.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
    if (!refused) return new OpfsFiles(handles);
    for (const handle of handles) handle.close();
    throw refused.reason;
  }

  open(name: string): number {
    return names.indexOf(name);
  }

  read(file: number, into: Uint8Array, offset: number): number {
    return this.#attempt(() => this.#handle(file).read(into, { at: offset }));
  }

  write(file: number, from: Uint8Array, offset: number): number {
    const count = this.#attempt(() => this.#handle(file).write(from, { at: offset }));
    if (count < 0) return count;
    // Browsers write less than they were given when the disk itself is full.
    return count === from.byteLength ? 0 : full;
  }

  truncate(file: number, size: number): number {
    return this.#attempt(() => this.#handle(file).truncate(size));
  }

  sync(file: number): number {
    return this.#attempt(() => this.#handle(file).flush());
  }

  size(file: number): number {
    return this.#attempt(() => this.#handle(file).getSize());
  }

  async settle(): Promise<void> {
    // sync() has done it.
  }

  async close(): Promise<void> {
    for (const handle of this.#handles) handle.close();
  }

  #handle(file: number): FileSystemSyncAccessHandle {
    const handle = this.#handles[file];
    if (!handle) throw new RangeError("no such file");
    return handle;
  }

  #attempt(work: () => number | void): number {
    try {
      return work() ?? 0;
    } catch (error) {
      return is_quota(error) ? full : failed;
    }
  }
}

/** A worker that was just ended may have its handle a little longer. */
async function open_handle(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  const pause_ms = 50;
  const tries_max = 100;
  for (let tries = 1; ; ++tries) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const is_taken =
        error instanceof DOMException && error.name === "NoModificationAllowedError";
      if (!is_taken || tries === tries_max) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
  }
}

// In memory

class MemoryFile {
  bytes = new Uint8Array(0);
  size = 0;

  /** Makes room; what is new is zero. */
  grow(size: number): void {
    if (size > this.bytes.byteLength) {
      const larger = new Uint8Array(Math.max(size, 2 * this.bytes.byteLength, 65536));
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
    this.size = Math.max(this.size, size);
  }
}

/** Lost at the end: for tests, and below for files that are copied elsewhere. */
export class MemoryFiles implements Files {
  protected readonly files = names.map(() => new MemoryFile());
  /** How many bytes all files together may have. */
  room = Number.POSITIVE_INFINITY;

  open(name: string): number {
    return names.indexOf(name);
  }

  read(file: number, into: Uint8Array, offset: number): number {
    const { bytes, size } = this.file(file);
    const found = bytes.subarray(offset, Math.min(size, offset + into.byteLength));
    into.set(found);
    return found.byteLength;
  }

  write(file: number, from: Uint8Array, offset: number): number {
    const to = this.file(file);
    const end = offset + from.byteLength;
    if (end > to.size && this.used() + end - to.size > this.room) return full;
    to.grow(end);
    to.bytes.set(from, offset);
    return 0;
  }

  truncate(file: number, size: number): number {
    const to = this.file(file);
    if (size > to.size) {
      if (this.used() + size - to.size > this.room) return full;
      to.grow(size);
    }
    to.bytes.fill(0, size, to.size);
    to.size = size;
    return 0;
  }

  sync(_file: number): number {
    return 0;
  }

  size(file: number): number {
    return this.file(file).size;
  }

  async settle(): Promise<void> {
    // There is nowhere to bring it.
  }

  async close(): Promise<void> {
    // There is nothing to close.
  }

  used(): number {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }

  protected file(number: number): MemoryFile {
    const file = this.files[number];
    if (!file) throw new RangeError("no such file");
    return file;
  }
}

// IndexedDB: where a browser has no files that a worker can write at once. Everything is in memory;
// what has changed goes into the database in one transaction after each of the core's calls. That
// there is no room shows only then, when the core has done its work: it is opened anew without it,
// and what the engine keeps in reserve is of no use. Until there is room again it may not open at
// all. Browsers do not say how much room there is.

const piece_size = 16384;
const pieces = "pieces";
const sizes = "sizes";

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class IndexedDbFiles extends MemoryFiles {
  readonly #database: IDBDatabase;
  readonly #dirty = names.map(() => new Set<number>());
  readonly #resized = new Set<number>();

  private constructor(database: IDBDatabase) {
    super();
    this.#database = database;
  }

  static database_of(store: string): string {
    return `${store}-files`;
  }

  static async exists(store: string): Promise<boolean> {
    const kept = await indexedDB.databases?.() ?? [];
    return kept.some(({ name }) => name === this.database_of(store));
  }

  static async open(store: string): Promise<IndexedDbFiles> {
    const opening = indexedDB.open(this.database_of(store), 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(pieces);
      opening.result.createObjectStore(sizes);
    };
    const files = new IndexedDbFiles(await done(opening));
    await files.#load();
    return files;
  }

  override write(file: number, from: Uint8Array, offset: number): number {
    const before = this.size(file);
    // Whoever opens the store writes its log anew; on a full disk that must not need room.
    if (this.#has(file, from, offset)) return 0;
    const answer = super.write(file, from, offset);
    if (answer === 0) this.#touch(file, Math.min(before, offset), offset + from.byteLength, before);
    return answer;
  }

  override truncate(file: number, size: number): number {
    const before = this.size(file);
    const answer = super.truncate(file, size);
    if (answer === 0) this.#touch(file, Math.min(before, size), size, before);
    return answer;
  }

  override async settle(): Promise<void> {
    if (this.#resized.size === 0 && this.#dirty.every((set) => set.size === 0)) return;
    try {
      await this.#save();
    } catch (error) {
      throw new StoreFailure(error);
    }
  }

  override async close(): Promise<void> {
    this.#database.close();
  }

  #has(file: number, bytes: Uint8Array, offset: number): boolean {
    const { bytes: present, size } = this.file(file);
    if (offset + bytes.byteLength > size) return false;
    return bytes.every((byte, at) => byte === present[offset + at]);
  }

  #touch(file: number, from: number, to: number, size_before: number): void {
    const dirty = this.#dirty[file];
    for (let at = Math.floor(from / piece_size); at * piece_size < to; ++at) dirty?.add(at);
    // The piece that holds the end is kept without what is behind it.
    const size = this.size(file);
    if (size % piece_size !== 0 && size < size_before) dirty?.add(Math.floor(size / piece_size));
    if (size !== size_before) this.#resized.add(file);
  }

  async #load(): Promise<void> {
    const transaction = this.#database.transaction([pieces, sizes]);
    for (const [number, file] of this.files.entries()) {
      const size = await done(transaction.objectStore(sizes).get(number)) as number | undefined;
      if (size === undefined) continue;
      file.grow(size);
      const range = IDBKeyRange.bound([number, 0], [number, Number.POSITIVE_INFINITY]);
      const stored = transaction.objectStore(pieces);
      const keys = await done(stored.getAllKeys(range)) as [number, number][];
      const values = await done(stored.getAll(range)) as Uint8Array[];
      for (const [i, key] of keys.entries()) {
        const piece = values[i];
        if (piece && key[1] * piece_size < size) file.bytes.set(piece, key[1] * piece_size);
      }
    }
  }

  #save(): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction =
        this.#database.transaction([pieces, sizes], "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      const stored = transaction.objectStore(pieces);
      for (const [number, file] of this.files.entries()) {
        if (this.#resized.has(number)) {
          transaction.objectStore(sizes).put(file.size, number);
          const first = Math.ceil(file.size / piece_size);
          const last = Number.POSITIVE_INFINITY;
          stored.delete(IDBKeyRange.bound([number, first], [number, last]));
        }
        for (const piece of this.#dirty[number] ?? []) {
          const from = piece * piece_size;
          if (from >= file.size) continue;
          const bytes = file.bytes.slice(from, Math.min(from + piece_size, file.size));
          stored.put(bytes, [number, piece]);
        }
        this.#dirty[number]?.clear();
      }
      this.#resized.clear();
    });
  }
}

/** The best that this browser has. Who began in IndexedDB stays there, where the store is. */
export async function open_files(
  store: string, wanted: "opfs" | "indexeddb" | null,
): Promise<Files> {
  if (wanted === "indexeddb") return IndexedDbFiles.open(store);
  if (wanted === "opfs") return OpfsFiles.open(store);
  if (!("createSyncAccessHandle" in FileSystemFileHandle.prototype)) {
    return IndexedDbFiles.open(store);
  }
  let files: OpfsFiles;
  try {
    files = await OpfsFiles.open(store);
  } catch (error) {
    const is_missing = error instanceof DOMException && error.name === "NotSupportedError";
    if (!is_missing && !(await IndexedDbFiles.exists(store))) throw error;
    return IndexedDbFiles.open(store);
  }
  if (names.some((_, file) => files.size(file) > 0)) return files;
  if (!(await IndexedDbFiles.exists(store))) return files;
  await files.close();
  return IndexedDbFiles.open(store);
}
