/**
 * A text too long for one QR code goes as several in turn: "TNF1.<sum>.<part>.<parts>.<text>".
 * The sum keeps the parts of two texts apart; what is inside proves itself by its signatures.
 */
const PREFIX = "TNF1";
/** Characters in a frame: a code of 53 modules a side, which old cameras read from a screen. */
const FRAME_CHARS = 240;
/** More than any parcel of a confirmation; a stranger's codes cannot fill the memory. */
const PARTS_MAX = 64;

function sum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

export function framesOf(text: string): string[] {
  const parts = Math.max(1, Math.ceil(text.length / FRAME_CHARS));
  const name = sum(text);
  return Array.from({ length: parts }, (_, at) =>
    [PREFIX, name, at, parts, text.slice(at * FRAME_CHARS, (at + 1) * FRAME_CHARS)].join("."),
  );
}

/** Collects frames in any order, each as often as it is seen. */
export class FrameReader {
  #name = "";
  #parts: (string | undefined)[] = [];

  get of(): number {
    return this.#parts.length;
  }
  get done(): number {
    return this.#parts.filter((part) => part !== undefined).length;
  }

  /** @return the whole text when this was the last part that was missing */
  take(frame: string): string | undefined {
    const match = /^TNF1\.([0-9a-f]{8})\.(\d+)\.(\d+)\.(.*)$/s.exec(frame);
    if (!match) return undefined;
    const [, name, at, of, text] = match as unknown as [string, string, string, string, string];
    const parts = Number(of);
    if (parts === 0 || parts > PARTS_MAX || Number(at) >= parts) return undefined;
    if (name !== this.#name || parts !== this.#parts.length) {
      this.#name = name;
      this.#parts = new Array<string | undefined>(parts).fill(undefined);
    }
    this.#parts[Number(at)] = text;
    if (this.done < parts) return undefined;
    const whole = this.#parts.join("");
    if (sum(whole) === this.#name) return whole;
    this.#parts.fill(undefined);
    return undefined;
  }
}
