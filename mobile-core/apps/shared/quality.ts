/**
 * Whether a photograph of a paper can be read at the office. Copies are accepted only when they are
 * clear and whole, so this is asked at the door, where another photograph costs five seconds.
 */
export interface Grey {
  readonly width: number;
  readonly height: number;
  /** One luminance a pixel, 0 to 255, row by row. */
  readonly light: Uint8Array;
}

export type Flaw = "small" | "blurred" | "glare" | "dark";

export interface Quality {
  readonly flaws: readonly Flaw[];
  /** Variance of the Laplacian: the sharper the edges, the larger. */
  readonly sharpness: number;
  /** Share of tiles in which nothing but white is left, 0 to 1. */
  readonly glare: number;
  /** Mean luminance, 0 to 255. */
  readonly brightness: number;
}

/** The longer side to which a photograph is reduced, so that the limits mean the same for all. */
export const LOOKED_AT_SIDE = 640;
/** Shorter side in pixels: about 100 dots an inch over the width of an A4 page. */
export const SHORT_SIDE_MIN = 800;
const SHARPNESS_MIN = 60;
const GLARE_MAX = 0.06;
const BRIGHTNESS_MIN = 60;
const TILE = 16;
const BURNT = 250;

export function toGrey(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const light = new Uint8Array(width * height);
  for (let i = 0; i < light.length; i++) {
    const at = i * 4;
    // ITU-R BT.601 weights, as whole numbers out of 256.
    light[i] = (77 * rgba[at]! + 150 * rgba[at + 1]! + 29 * rgba[at + 2]!) >> 8;
  }
  return { width, height, light };
}

export function laplacianVariance({ width, height, light }: Grey): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const edge =
        light[at - 1]! + light[at + 1]! + light[at - width]! + light[at + width]! - 4 * light[at]!;
      sum += edge;
      squares += edge * edge;
      count++;
    }
  }
  if (count === 0) return 0;
  const mean = sum / count;
  return squares / count - mean * mean;
}

/** A lamp's reflection burns whole tiles; white paper with print or its own shade does not. */
export function glareShare({ width, height, light }: Grey): number {
  let burnt = 0;
  let tiles = 0;
  for (let top = 0; top + TILE <= height; top += TILE) {
    for (let left = 0; left + TILE <= width; left += TILE) {
      let all = true;
      for (let y = top; all && y < top + TILE; y++) {
        for (let x = left; x < left + TILE; x++) {
          if (light[y * width + x]! < BURNT) {
            all = false;
            break;
          }
        }
      }
      tiles++;
      if (all) burnt++;
    }
  }
  return tiles === 0 ? 0 : burnt / tiles;
}

/** @param shown the photograph, reduced @param full its real size in pixels */
export function judge(shown: Grey, full: { width: number; height: number }): Quality {
  const sharpness = laplacianVariance(shown);
  const glare = glareShare(shown);
  const brightness = shown.light.reduce((sum, value) => sum + value, 0) / (shown.light.length || 1);
  const flaws: Flaw[] = [];
  if (Math.min(full.width, full.height) < SHORT_SIDE_MIN) flaws.push("small");
  if (sharpness < SHARPNESS_MIN) flaws.push("blurred");
  if (glare > GLARE_MAX) flaws.push("glare");
  if (brightness < BRIGHTNESS_MIN) flaws.push("dark");
  return { flaws, sharpness, glare, brightness };
}
