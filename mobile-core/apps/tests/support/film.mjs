// What a camera sees, as a film in Y4M: luminance, then nothing of colour.
import { renameSync, writeFileSync } from "node:fs";
import { encode } from "uqr";
import { Random } from "./random.mjs";

const TABLE = 150;
const PAPER = 228;
const INK = 30;

const empty = ({ width, height }, light) => Buffer.alloc(width * height, light);

function fill(luma, width, box, light) {
  for (let y = box.top; y < box.top + box.height; y++) {
    luma.fill(light, y * width + box.left, y * width + box.left + box.width);
  }
}

/** One code in the middle of the picture, and of the wide part that a scanner is given of it. */
export function codePicture(text, size) {
  const { width, height } = size;
  const code = encode(text, { ecc: "M", border: 4 });
  const scale = Math.floor(Math.min(height, (width * 9) / 16) / code.size);
  const luma = empty(size, 200);
  const left = Math.floor((width - code.size * scale) / 2);
  const top = Math.floor((height - code.size * scale) / 2);
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      const box = { left: left + x * scale, top: top + y * scale, width: scale, height: scale };
      fill(luma, width, box, code.data[y][x] ? 20 : 235);
    }
  }
  return luma;
}

/** A written page on a table; each number is another page. */
export function pagePicture(number, size) {
  const { width, height } = size;
  const random = new Random(number);
  const luma = empty(size, TABLE);
  const margin = Math.floor(width / 10);
  fill(luma, width, { left: margin, top: 40, width: width - 2 * margin, height: height - 80 }, PAPER);
  for (let top = 90; top + 40 < height - 60; top += 36) {
    let left = margin + 50;
    while (left < width - margin - 90) {
      // A stroke of a letter, or the space between two words.
      if (random.below(6) > 0) {
        const tall = 8 + random.below(16);
        fill(luma, width, { left, top: top + 24 - tall, width: 4, height: tall }, INK);
      }
      left += 9;
    }
  }
  return luma;
}

/** Each dot becomes the mean of so many in its row, or its column. */
function mean(luma, { width, height }, dots, down) {
  const [lines, length, line, step] = down
    ? [width, height, 1, width]
    : [height, width, width, 1];
  const out = Buffer.alloc(luma.length);
  for (let at = 0; at < lines; at++) {
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum += luma[at * line + i * step];
      if (i >= dots) sum -= luma[at * line + (i - dots) * step];
      out[at * line + i * step] = sum / Math.min(i + 1, dots);
    }
  }
  return out;
}

/** Out of focus, over so many dots. */
export function blurred(luma, size, dots) {
  return mean(mean(luma, size, dots, false), size, dots, true);
}

/** A film of these pictures, one after the other, that begins again at its end. */
export function writeFilm(path, pictures, { width, height }, framesASecond = 5) {
  const parts = [
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesASecond}:1 Ip A1:1 C420jpeg\n`),
  ];
  const chroma = Buffer.alloc((width * height) / 2, 128);
  // One picture alone would be no film.
  const shown = pictures.length === 1 ? [...pictures, ...pictures] : pictures;
  for (const luma of shown) parts.push(Buffer.from("FRAME\n"), luma, chroma);
  // A camera that is open goes on with the film it has: half a film would end it.
  const whole = `${path}.new`;
  writeFileSync(whole, Buffer.concat(parts));
  renameSync(whole, path);
}
