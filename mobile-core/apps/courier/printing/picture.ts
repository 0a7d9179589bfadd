import { encode } from "uqr";
import { DOTS_ACROSS } from "./raster";

/** What stands on the slip, from top to bottom. */
export type Piece =
  | {
      readonly kind: "line";
      readonly text: string;
      readonly big?: boolean;
      readonly centre?: boolean;
    }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" }
  | { readonly kind: "space"; readonly dots: number };

const FONT = "'Be Vietnam Pro', 'Noto Sans', 'Roboto', system-ui, sans-serif";
const SMALL = 21;
const BIG = 30;
const CODE_DOTS_MAX = 200;

type Pen = CanvasRenderingContext2D;

/** Whole words on each line; a word that is wider than the paper is broken anywhere. */
export function broken(text: string, width: number, measure: (part: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  const add = (word: string) => {
    const longer = line === "" ? word : `${line} ${word}`;
    if (measure(longer) <= width) return void (line = longer);
    if (line !== "") lines.push(line);
    line = "";
    for (const letter of word) {
      if (line !== "" && measure(line + letter) > width) {
        lines.push(line);
        line = "";
      }
      line += letter;
    }
  };
  for (const word of text.split(/\s+/)) if (word !== "") add(word);
  if (line !== "") lines.push(line);
  return lines;
}

function drawLines(pen: Pen, text: string, top: number, big: boolean, centre: boolean): number {
  const size = big ? BIG : SMALL;
  pen.font = `${big ? 700 : 500} ${size}px ${FONT}`;
  pen.textAlign = centre ? "center" : "left";
  for (const line of broken(text, DOTS_ACROSS, (part) => pen.measureText(part).width)) {
    pen.fillText(line, centre ? DOTS_ACROSS / 2 : 0, top + size);
    // Two marks above a letter need their room.
    top += Math.ceil(size * 1.35);
  }
  return top;
}

function drawCode(pen: Pen, text: string, top: number): number {
  const code = encode(text, { ecc: "M", border: 2 });
  // Whole dots: a reader does not forgive what lies between.
  const scale = Math.max(2, Math.floor(CODE_DOTS_MAX / code.size));
  const left = Math.floor((DOTS_ACROSS - code.size * scale) / 2);
  code.data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) pen.fillRect(left + x * scale, top + y * scale, scale, scale);
    }),
  );
  return top + code.size * scale + 6;
}

function draw(pen: Pen, all: readonly Piece[]): number {
  let top = 0;
  for (const piece of all) {
    switch (piece.kind) {
      case "line":
        top = drawLines(pen, piece.text, top, piece.big ?? false, piece.centre ?? false);
        break;
      case "code":
        top = drawCode(pen, piece.text, top);
        break;
      case "rule":
        pen.fillRect(0, top + 6, DOTS_ACROSS, 2);
        top += 16;
        break;
      case "space":
        top += piece.dots;
        break;
    }
  }
  return top;
}

/** The slip as it comes out of the printer. */
export function pictureOf(all: readonly Piece[]): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = DOTS_ACROSS;
  canvas.height = 8;
  // Drawn once for its length, and once more on a paper of that length.
  const length = draw(canvas.getContext("2d")!, all);
  canvas.height = length;
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, DOTS_ACROSS, length);
  pen.fillStyle = "#000";
  draw(pen, all);
  return pen.getImageData(0, 0, DOTS_ACROSS, length);
}
