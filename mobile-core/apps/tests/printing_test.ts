import assert from "node:assert/strict";
import { test } from "node:test";
import { broken } from "../courier/printing/picture";
import { DOTS_ACROSS, dotsOf, pieces, printed } from "../courier/printing/raster";

/** A picture of one colour a dot: black where the function says so. */
function picture(width: number, height: number, black: (x: number, y: number) => boolean) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(black(x, y) ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** What a printer would do with the bytes. @return its rows of dots, and how the paper moved */
function paper(bytes: Uint8Array): { width: number; rows: string[]; fed: number } {
  let at = 0;
  let width = 0;
  let fed = 0;
  const rows: string[] = [];
  while (at < bytes.length) {
    const two = `${bytes[at]!.toString(16)} ${bytes[at + 1]!.toString(16)}`;
    if (two === "1b 40") at += 2;
    else if (two === "1b 4a") {
      fed += bytes[at + 2]!;
      at += 3;
    } else if (two === "1d 76") {
      assert.equal(bytes[at + 2], 0x30);
      assert.equal(bytes[at + 3], 0, "neither stretched nor doubled");
      const across = bytes[at + 4]! + 256 * bytes[at + 5]!;
      const count = bytes[at + 6]! + 256 * bytes[at + 7]!;
      width = across * 8;
      at += 8;
      for (let row = 0; row < count; row++, at += across) {
        const one = [...bytes.subarray(at, at + across)];
        assert.equal(one.length, across, "a command that ends too soon");
        rows.push(one.map((byte) => byte.toString(2).padStart(8, "0")).join(""));
      }
    } else assert.fail(`not a command: ${two} at ${at}`);
  }
  return { width, rows, fed };
}

test("every dot comes out where it was drawn, over several bands", () => {
  const black = (x: number, y: number) => x === y % DOTS_ACROSS || (y === 200 && x < 9);
  const image = picture(DOTS_ACROSS, 300, black);
  const out = paper(printed(dotsOf(image)));
  assert.equal(out.width, DOTS_ACROSS);
  assert.equal(out.rows.length, 300);
  out.rows.forEach((row, y) => {
    for (let x = 0; x < DOTS_ACROSS; x++) assert.equal(row[x] === "1", black(x, y), `${x},${y}`);
  });
  assert.ok(out.fed > 0, "the paper comes out far enough to be torn off");
});

test("grey is paper or ink by its darkness, and what is transparent is paper", () => {
  const image = picture(8, 1, () => false);
  const set = (x: number, ...colour: number[]) => image.data.set(colour, x * 4);
  set(0, 0, 0, 0, 255);
  set(1, 100, 100, 100, 255);
  set(2, 200, 200, 200, 255);
  set(3, 0, 0, 0, 0);
  set(4, 0, 0, 0, 60);
  assert.equal(dotsOf(image).rows[0], 0b1100_0000);
});

test("a width that is not whole bytes is refused", () => {
  assert.throws(() => dotsOf(picture(9, 1, () => false)), RangeError);
});

test("pieces are no longer than the link takes, and together they are everything", () => {
  const bytes = Uint8Array.from({ length: 1001 }, (_, index) => index & 0xff);
  for (const size of [1, 20, 180, 1001, 2000]) {
    const all = pieces(bytes, size);
    assert.ok(all.every((piece) => piece.length > 0 && piece.length <= size));
    assert.deepEqual(Uint8Array.from(all.flatMap((piece) => [...piece])), bytes);
  }
  assert.deepEqual(pieces(new Uint8Array(0), 20), []);
});

test("lines end between words, and a word that is too long is broken", () => {
  const measure = (text: string) => text.length;
  assert.deepEqual(broken("một hai ba bốn", 7, measure), ["một hai", "ba bốn"]);
  assert.deepEqual(broken("LUYEN-TAP-000000001", 8, measure), ["LUYEN-TA", "P-000000", "001"]);
  assert.deepEqual(broken("a bcdefghij k", 4, measure), ["a", "bcde", "fghi", "j k"]);
  assert.deepEqual(broken("  ", 8, measure), []);
});
