// Another tab's way to the core: a test asks it what no screen shows, or shows one at a time.

/** Puts `tab` into the page: call(name, fields), read(hash), end(). The app leads; this follows. */
async function join() {
  const worker = new Worker("core_worker.js", { type: "module" });
  const waiting = new Map();
  const follows = new Promise((done) => {
    worker.onmessage = ({ data }) => {
      if (data.kind === "state" && data.state === "following") done();
      if (data.kind === "result") waiting.get(data.key)(data.result);
    };
  });
  const module = new URL("core.wasm", document.baseURI).href;
  worker.postMessage({ kind: "open", options: { module, store: "core", files: null, open: {} } });
  worker.postMessage({ kind: "page", visible: true, online: false });
  await follows;
  const ask = async (job) => {
    const key = crypto.randomUUID();
    const result = await new Promise((done) => {
      waiting.set(key, done);
      worker.postMessage({ kind: "job", key, job });
    });
    if (!result.ok) throw new Error(result.error.error);
    return result.answer;
  };
  globalThis.tab = {
    call: (name, fields = {}) => ask({ do: "call", request: { "@type": name, ...fields } }),
    read: (hash) => ask({ do: "read_file", hash }),
    end: () => worker.terminate(),
  };
}

async function list() {
  const hex = (bytes) =>
    [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const { call, read } = globalThis.tab;
  const records = new Set();
  const photos = new Set();
  for (const { id } of (await call("dossiers")).dossiers) {
    const dossier = await call("dossier", { dossier: id });
    for (const one of dossier.records) if (one.own) records.add(one.hash);
    for (const { hash, here } of dossier.attachments) {
      if (!here) continue;
      const file = await read(hash);
      photos.add(hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
    }
  }
  return { records: [...records], photos: [...photos] };
}

/** Does something in a page that has `tab`. */
export async function beside(page, work, given) {
  await page.evaluate(join);
  const result = await page.evaluate(work, given);
  await page.evaluate(() => globalThis.tab.end());
  return result;
}

/** Everything that the phone holds: its own records' hashes, and photographs' SHA-256. */
export const holdings = (page) => beside(page, list);

/** Dossiers from the first value to the issued slip, one after the other. */
export const sealMany = (page, procedure, count) =>
  beside(
    page,
    async ([code, many]) => {
      const { call } = globalThis.tab;
      for (let at = 1; at <= many; at++) {
        const { dossier } = await call("openDossier", { procedure: code, service: "both" });
        await call("writeField", { dossier, field: "owner_name", value: `Người thứ ${at}` });
        for (const { line, title } of (await call("dossier", { dossier })).uncounted) {
          const count = { line, title, originals: 1, certified: 0, photocopies: 0 };
          await call("checkDocument", { dossier, count });
        }
        await call("seal", { dossier, sealNo: `NP-${at}` });
      }
    },
    [procedure, count],
  );
