const DATABASE = "tannha-keys";
const STORE = "keys";

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error ?? new Error("IndexedDB"));
  });
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
  return settled(request);
}

/**
 * What opens a vault that has no PIN: 32 random bytes that stay in this browser, made once.
 * @return base64
 */
export async function platformKey(store: string): Promise<string> {
  const database = await open();
  try {
    const made = crypto.getRandomValues(new Uint8Array(32));
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    const finished = new Promise<void>((done, fail) => {
      transaction.oncomplete = () => done();
      transaction.onabort = () => fail(transaction.error ?? new Error("IndexedDB"));
    });
    const keys = transaction.objectStore(STORE);
    const before: unknown = await settled(keys.get(store));
    if (!(before instanceof Uint8Array)) keys.put(made, store);
    // A vault must never be locked with a key that a power loss takes away.
    await finished;
    return btoa(String.fromCharCode(...(before instanceof Uint8Array ? before : made)));
  } finally {
    database.close();
  }
}
