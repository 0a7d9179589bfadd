import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, toGrey, type Grey } from "../shared/quality";

const WIDTH = 480;
const HEIGHT = 640;
const FULL = { width: 1654, height: 2339 };

/** A page of lines of "letters": dark strokes every few pixels on paper of the given brightness. */
function page(paper: number, ink: number): Grey {
  const light = new Uint8Array(WIDTH * HEIGHT).fill(paper);
  for (let y = 40; y < HEIGHT - 40; y++) {
    if (y % 12 > 6) continue;
    for (let x = 40; x < WIDTH - 40; x++) if ((x * 7 + y * 3) % 5 < 2) light[y * WIDTH + x] = ink;
  }
  return { width: WIDTH, height: HEIGHT, light };
}

/** Each pixel the mean of its surroundings, as a camera gives that moved or did not focus. */
function blurred(image: Grey, radius: number): Grey {
  const light = new Uint8Array(image.light.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      let sum = 0;
      let count = 0;
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) {
          const at = (y + dy) * WIDTH + x + dx;
          if (y + dy < 0 || y + dy >= HEIGHT || x + dx < 0 || x + dx >= WIDTH) continue;
          sum += image.light[at]!;
          count++;
        }
      }
      light[y * WIDTH + x] = sum / count;
    }
  }
  return { ...image, light };
}

test("a sharp page in daylight has no flaw", () => {
  assert.deepEqual(judge(page(205, 40), FULL).flaws, []);
});

test("a blurred page is noticed", () => {
  assert.deepEqual(judge(blurred(page(205, 40), 4), FULL).flaws, ["blurred"]);
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
