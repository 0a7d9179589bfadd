/**
 * Small things that must be there after the system has killed the app: where the person was, what
 * was ticked. What browsers call local storage is written seconds later; this is on the disk when
 * the transaction ends. Only ids are kept here, never what was typed.
 */
const opened = new Promise<IDBDatabase>((done, fail) => {
  const request = indexedDB.open("tannha-app", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("kept");
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
// A browser that cannot keep anything loses the place, nothing else.
opened.catch(() => undefined);

export async function keep(name: string, value: unknown): Promise<void> {
  const database = await opened;
  await new Promise<void>((done, fail) => {
    const change = database.transaction("kept", "readwrite", { durability: "strict" });
    change.objectStore("kept").put(value, name);
    change.oncomplete = () => done();
    change.onabort = () => fail(change.error);
  });
}

export async function kept(name: string): Promise<unknown> {
  const database = await opened;
  return new Promise((done, fail) => {
    const request = database.transaction("kept").objectStore("kept").get(name);
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
