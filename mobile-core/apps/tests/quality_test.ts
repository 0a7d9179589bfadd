import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, toGrey, type Grey } from "../shared/quality";

const WIDTH = 480;
const HEIGHT = 640;
const FULL = { width: 1654, height: 2339 };

/** A page of written lines: strokes of letters, two pixels wide and up to nine tall. */
function page(paper: number, ink: number): Grey {
  const light = new Uint8Array(WIDTH * HEIGHT).fill(paper);
  for (let line = 40; line < HEIGHT - 40; line += 18) {
    for (let x = 40; x < WIDTH - 40; x += 6) {
      // Between two words there is nothing.
      const tall = (x * 7 + line * 3) % 11;
      if (tall < 2) continue;
      for (let y = line - tall; y < line; y++) light.fill(ink, y * WIDTH + x, y * WIDTH + x + 2);
    }
  }
  return { width: WIDTH, height: HEIGHT, light };
}

/** Each pixel the mean of so many in a row in this direction, as a camera gives that moved. */
function moved(image: Grey, pixels: number, right: number, down: number): Grey {
  const light = new Uint8Array(image.light.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      let sum = 0;
      for (let i = 0; i < pixels; i++) {
        const at = i - (pixels >> 1);
        const column = Math.min(WIDTH - 1, Math.max(0, x + at * right));
        const row = Math.min(HEIGHT - 1, Math.max(0, y + at * down));
        sum += image.light[row * WIDTH + column]!;
      }
      light[y * WIDTH + x] = sum / pixels;
    }
  }
  return { ...image, light };
}

/** As one gives that did not focus. */
const unfocused = (image: Grey, pixels: number) =>
  moved(moved(image, pixels, 1, 0), pixels, 0, 1);

/** What a sensor adds in poor light. */
function noisy(image: Grey, most: number): Grey {
  let seed = 1;
  const light = image.light.map((value) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return Math.min(255, Math.max(0, value + (seed % (2 * most + 1)) - most));
  });
  return { ...image, light };
}

const written = page(205, 40);

test("a sharp page in daylight has no flaw", () => {
  assert.deepEqual(judge(written, FULL).flaws, []);
});

test("a page that is only a little soft, or written with a pencil, has no flaw", () => {
  assert.deepEqual(judge(unfocused(written, 2), FULL).flaws, []);
  assert.deepEqual(judge(page(205, 130), FULL).flaws, []);
});

test("a sharp page in poor light has no flaw, a pencil's neither", () => {
  assert.deepEqual(judge(noisy(written, 12), FULL).flaws, []);
  assert.deepEqual(judge(noisy(page(90, 15), 12), FULL).flaws, []);
  assert.deepEqual(judge(noisy(page(100, 63), 8), FULL).flaws, []);
});

test("a blurred page is noticed, in poor light too", () => {
  for (const pixels of [4, 6, 9, 15]) {
    const image = unfocused(written, pixels);
    assert.deepEqual(judge(image, FULL).flaws, ["blurred"], `over ${pixels} pixels`);
    assert.deepEqual(judge(noisy(image, 12), FULL).flaws, ["blurred"], `${pixels}, with noise`);
  }
});

test("a camera that moved is noticed, wherever it moved", () => {
  for (const [right, down] of [[1, 0], [0, 1], [1, 1], [-1, 1]] as const) {
    for (const pixels of [8, 11, 15]) {
      const image = moved(written, pixels, right, down);
      const what = `${pixels} pixels along ${right}, ${down}`;
      assert.deepEqual(judge(image, FULL).flaws, ["blurred"], what);
    }
  }
});

test("an empty page is no page", () => {
  const light = new Uint8Array(WIDTH * HEIGHT).fill(205);
  assert.deepEqual(judge({ ...written, light }, FULL).flaws, ["blurred"]);
});

test("a lamp's reflection is noticed", () => {
  const image = page(205, 40);
  for (let y = 200; y < 420; y++) image.light.fill(255, y * WIDTH + 100, y * WIDTH + 300);
  assert.deepEqual(judge(image, FULL).flaws, ["glare"]);
});

test("a page in the dark is noticed", () => {
  assert.ok(judge(page(45, 5), FULL).flaws.includes("dark"));
});

test("a picture with too few pixels is noticed, one more is enough", () => {
  const image = page(205, 40);
  assert.deepEqual(judge(image, { width: 799, height: 1200 }).flaws, ["small"]);
  assert.deepEqual(judge(image, { width: 800, height: 1200 }).flaws, []);
});

test("an empty picture is judged without a fault", () => {
  assert.ok(
    judge({ width: 0, height: 0, light: new Uint8Array() }, { width: 0, height: 0 }).flaws.length >
      0,
  );
});

test("grey is what the eye takes for it", () => {
  const { light } = toGrey(
    new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255, 0, 255, 0, 255]),
    3,
    1,
  );
  assert.deepEqual([...light], [255, 0, 149]);
});
