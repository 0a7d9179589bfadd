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
  /** Over how many pixels an edge is smeared, 1 and more. */
  readonly smear: number;
  /** Share of tiles in which nothing but white is left, 0 to 1. */
  readonly glare: number;
  /** Mean luminance, 0 to 255. */
  readonly brightness: number;
}

/** The longer side to which a photograph is reduced, so that the limits mean the same for all. */
export const LOOKED_AT_SIDE = 1170;
/** Shorter side in pixels: about 100 dots an inch over the width of an A4 page. */
export const SHORT_SIDE_MIN = 800;
/** Of a letter in 10 points, 7 pixels tall then, not much is left beyond. */
const SMEAR_MAX = 2.5;
/** Wider is not told apart. */
const WIDTH_MAX = 20;
/**
 * Of an edge, as a share of the mean luminance: ink and pencil on paper have more, what is left of
 * smeared thin lines has less. In poor light, above what a sensor adds.
 */
const CONTRAST_MIN = 0.24;
const NOISE_MAX = 24;
/** Writing has more in every direction. */
const EDGES_MIN = 200;
const GLARE_MAX = 0.06;
const BRIGHTNESS_MIN = 60;
const TILE = 29;
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

/** The middle width of the edges of at least this contrast along one direction. */
function edgeWidth(image: Grey, contrast: number, right: number, down: number): number {
  const { width, height, light } = image;
  // How many edges are so wide, in tenths of a pixel.
  const widths = new Uint32Array(10 * WIDTH_MAX + 1);
  let edges = 0;
  const along = (x: number, y: number) => {
    let change = 0;
    let steepest = 0;
    let rising = false;
    const end = () => {
      if (change >= contrast) {
        const tenths = Math.round((10 * change) / steepest);
        widths[Math.min(tenths, widths.length - 1)]!++;
        edges++;
      }
      change = 0;
      steepest = 0;
    };
    let before = light[y * width + x]!;
    for (x += right, y += down; x >= 0 && x < width && y < height; x += right, y += down) {
      const here = light[y * width + x]!;
      const step = Math.abs(here - before);
      if (step > 0 && here > before !== rising) {
        end();
        rising = here > before;
      }
      change += step;
      if (step > steepest) steepest = step;
      before = here;
    }
    end();
  };
  // Every line in this direction, from where it enters the picture.
  if (down > 0) for (let x = 0; x < width; x++) along(x, 0);
  if (right !== 0) {
    const side = right > 0 ? 0 : width - 1;
    for (let y = down; y < height; y++) along(side, y);
  }
  if (edges < EDGES_MIN) return WIDTH_MAX;
  let tenths = 0;
  for (let seen = widths[0]!; seen * 2 < edges; seen += widths[tenths]!) tenths++;
  return tenths / 10;
}

/**
 * From bright to dark, an edge takes its whole change divided by its steepest step: a pixel where it
 * is sharp, as many as it was smeared over where it is not, whatever is written and in what light.
 * A camera that moved smears in one direction alone: the worst of four counts.
 */
export function smear(image: Grey): number {
  const contrast = Math.max(NOISE_MAX, CONTRAST_MIN * brightnessOf(image));
  const width = (right: number, down: number) => edgeWidth(image, contrast, right, down);
  return Math.max(width(1, 0), width(0, 1), width(1, 1), width(-1, 1));
}

function brightnessOf({ light }: Grey): number {
  return light.reduce((sum, value) => sum + value, 0) / (light.length || 1);
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
  const smeared = smear(shown);
  const glare = glareShare(shown);
  const brightness = brightnessOf(shown);
  const flaws: Flaw[] = [];
  if (Math.min(full.width, full.height) < SHORT_SIDE_MIN) flaws.push("small");
  if (smeared > SMEAR_MAX) flaws.push("blurred");
  if (glare > GLARE_MAX) flaws.push("glare");
  if (brightness < BRIGHTNESS_MIN) flaws.push("dark");
  return { flaws, smear: smeared, glare, brightness };
}
