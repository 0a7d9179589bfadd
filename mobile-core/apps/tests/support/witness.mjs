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
