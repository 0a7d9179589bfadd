import { prepareZXingModule, readBarcodes, type ReaderOptions } from "zxing-wasm/reader";

/** The reader is a megabyte: nothing loads it before the first camera opens. */
let ready = false;

function prepare(): void {
  if (ready) return;
  prepareZXingModule({
    overrides: {
      locateFile: (path: string, prefix: string) =>
        path.endsWith(".wasm")
          ? new URL("zxing_reader.wasm", document.baseURI).href
          : prefix + path,
    },
  });
  ready = true;
}

export type CodeKind = "qr" | "item";

export interface Code {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Envelopes carry Code 128 or Code 39; some posts print the same number as QR or Data Matrix. */
const options: Record<CodeKind, ReaderOptions> = {
  qr: { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 },
  item: {
    formats: ["Code128", "Code39", "QRCode", "DataMatrix"],
    tryHarder: true,
    maxNumberOfSymbols: 1,
  },
};

export async function readCode(image: ImageData, kind: CodeKind): Promise<Code | undefined> {
  prepare();
  const found = (await readBarcodes(image, options[kind])).find((code) => code.isValid);
  return found ? { text: found.text, bytes: found.bytes } : undefined;
}
