/**
 * A picture as a thermal printer of receipts takes it (ESC/POS). Vietnamese letters are in no code
 * page of such printers, so that everything is sent as dots: "GS v 0" prints a raster image.
 */

/** Dots across 48 mm, what a 58 mm printer prints of its paper. */
export const DOTS_ACROSS = 384;
/** Rows of one command: a cheap printer keeps a few kilobytes, and prints while the next come. */
const BAND_ROWS_MAX = 128;
/** What is darker than this is printed. */
const DARK = 140;

const INITIALISE = [0x1b, 0x40];
/** ESC J: so many dots of paper after the picture, until it can be torn off. */
const FEED = [0x1b, 0x4a, 120];

export interface Dots {
  /** A multiple of eight. */
  readonly width: number;
  readonly height: number;
  /** A bit a dot, the leftmost first, each row in whole bytes; 1 is black. */
  readonly rows: Uint8Array;
}

/** @param image whose transparent parts are paper */
export function dotsOf(image: { width: number; height: number; data: Uint8ClampedArray }): Dots {
  const { width, height, data } = image;
  if (width % 8 !== 0) throw new RangeError("the width is no multiple of eight");
  const rows = new Uint8Array((width / 8) * height);
  for (let dot = 0; dot < width * height; dot++) {
    const at = dot * 4;
    const opacity = data[at + 3]! / 255;
    const light = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    if (255 - (255 - light) * opacity < DARK) rows[dot >> 3]! |= 0x80 >> (dot & 7);
  }
  return { width, height, rows };
}

/** The bytes for the printer: everything from its waking up to the paper that is torn off. */
export function printed(dots: Dots): Uint8Array<ArrayBuffer> {
  const across = dots.width / 8;
  const parts: number[][] = [INITIALISE];
  for (let top = 0; top < dots.height; top += BAND_ROWS_MAX) {
    const count = Math.min(BAND_ROWS_MAX, dots.height - top);
    parts.push(
      [0x1d, 0x76, 0x30, 0, across & 0xff, across >> 8, count & 0xff, count >> 8],
      [...dots.rows.subarray(top * across, (top + count) * across)],
    );
  }
  parts.push(FEED);
  return Uint8Array.from(parts.flat());
}

/** In pieces of at most so many bytes, in order. */
export function pieces(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>[] {
  const out: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out;
}
