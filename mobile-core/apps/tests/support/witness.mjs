// What the app itself was told: each record and each photograph that its core called saved. Told at
// once, so that it is known here when the browser is killed the moment after.

/** Runs in every page before the app: listens to what pages and their cores say to each other. */
function listen() {
  const photos = new Map();
  const hex = (bytes) =>
    [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const Real = globalThis.Worker;
  globalThis.Worker = class extends Real {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        if (data.kind !== "result") return;
        const photo = photos.get(data.key);
        photos.delete(data.key);
        const record = data.result.ok ? data.result.answer?.record : undefined;
        if (record === undefined) return;
        void globalThis.witness({ record });
        void photo?.then((digest) => globalThis.witness({ photo: hex(digest) }));
      });
    }

    postMessage(message, ...more) {
      if (message?.kind === "job" && message.job.do === "add_file") {
        const bytes = message.job.file.arrayBuffer();
        photos.set(
          message.key,
          bytes.then((all) => crypto.subtle.digest("SHA-256", all)),
        );
        void globalThis.witness({ begun: true });
      }
      super.postMessage(message, ...more);
    }
  };
}

export class Witness {
  /** Hashes of records. */
  records = new Set();
  /** SHA-256 of photographs, each as it was handed to the core. */
  photos = new Set();
  #begun = () => undefined;

  /** Of every page that this context opens from now on. */
  async watch(context) {
    await context.exposeBinding("witness", (_, { record, photo, begun }) => {
      if (record) this.records.add(record);
      if (photo) this.photos.add(photo);
      if (begun) this.#begun();
    });
    await context.addInitScript(listen);
  }

  /** The next photograph is being handed to the core. */
  begins() {
    return new Promise((done) => (this.#begun = done));
  }
}

/**
 * Everything that the phone holds, told by its core, which is asked as another tab asks it.
 * @return own records' hashes, and photographs' SHA-256
 */
export function holdings(page) {
  return page.evaluate(async () => {
    const base = document.baseURI;
    const worker = new Worker("core_worker.js", { type: "module" });
    const waiting = new Map();
    const isOpen = new Promise((done) => {
      worker.onmessage = ({ data }) => {
        if (data.kind === "state" && data.state === "following") done();
        if (data.kind === "result") waiting.get(data.key)(data.result);
      };
    });
    worker.postMessage({
      kind: "open",
      options: { module: new URL("core.wasm", base).href, store: "core", files: null, open: {} },
    });
    worker.postMessage({ kind: "page", visible: true, online: false });
    await isOpen;
    const ask = async (job) => {
      const key = crypto.randomUUID();
      const result = await new Promise((done) => {
        waiting.set(key, done);
        worker.postMessage({ kind: "job", key, job });
      });
      if (!result.ok) throw new Error(result.error.error);
      return result.answer;
    };
    const call = (name, fields = {}) => ask({ do: "call", request: { "@type": name, ...fields } });
    const records = [];
    const photos = [];
    for (const { id } of (await call("dossiers")).dossiers) {
      const dossier = await call("dossier", { dossier: id });
      records.push(...dossier.records.filter((one) => one.own).map((one) => one.hash));
      for (const { hash, here } of dossier.attachments) {
        if (!here) continue;
        const file = await ask({ do: "read_file", hash });
        const digest = new Uint8Array(
          await crypto.subtle.digest("SHA-256", await file.arrayBuffer()),
        );
        photos.push([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
      }
    }
    worker.terminate();
    return { records, photos };
  });
}
