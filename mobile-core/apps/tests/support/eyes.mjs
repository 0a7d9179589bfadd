// One phone sees another: what is on its screen becomes the film that a camera plays.
import { writeFileSync } from "node:fs";

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_A_SECOND = 10;
/** A code stands still as long as it does on the screen that shows it. */
const FRAMES_A_CODE = 2;
/** So many looks without anything new: every code of a round was seen. */
const SAME_MAX = 40;

/** Every picture that an element shows in turn. @return PNGs */
export async function watch(element) {
  const seen = new Map();
  for (let same = 0; same < SAME_MAX; same++) {
    const png = (await element.screenshot({ animations: "disabled" })).toString("base64");
    if (seen.has(png)) continue;
    seen.set(png, true);
    same = 0;
    if (seen.size > 100) throw new Error("the screen never repeats itself");
  }
  return [...seen.keys()];
}

/** The brightness of each dot of a picture in the middle of a grey table. */
async function luma(page, png) {
  return Buffer.from(
    await page.evaluate(
      async ({ png, width, height }) => {
        const picture = new Image();
        picture.src = "data:image/png;base64," + png;
        await picture.decode();
        const canvas = Object.assign(document.createElement("canvas"), { width, height });
        const context = canvas.getContext("2d");
        context.fillStyle = "#c8c8c8";
        context.fillRect(0, 0, width, height);
        const side = height * 0.92;
        context.drawImage(picture, (width - side) / 2, (height - side) / 2, side, side);
        const { data } = context.getImageData(0, 0, width, height);
        const grey = new Uint8Array(width * height);
        for (let i = 0; i < grey.length; i++) {
          grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
        }
        let text = "";
        for (let i = 0; i < grey.length; i += 0x8000) {
          text += String.fromCharCode(...grey.subarray(i, i + 0x8000));
        }
        return btoa(text);
      },
      { png, width: WIDTH, height: HEIGHT },
    ),
    "base64",
  );
}

/** Makes the film (Y4M) of a screen's pictures. @param page where they are drawn */
export async function film(page, pngs, path) {
  const other = await page.context().newPage();
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const parts = [
    Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n`),
  ];
  for (const png of pngs) {
    const grey = await luma(other, png);
    for (let i = 0; i < FRAMES_A_CODE; i++) parts.push(Buffer.from("FRAME\n"), grey, chroma);
  }
  // A film of one picture alone would end at once.
  if (pngs.length === 1) parts.push(...parts.slice(1));
  writeFileSync(path, Buffer.concat(parts));
  await other.close();
}
