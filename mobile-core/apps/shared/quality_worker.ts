import { judge, toGrey } from "./quality";

/** Looks at photographs beside the screen's own thread, so that the next one can be taken. */
addEventListener("message", (event: MessageEvent) => {
  const { pixels, width, height, full } = event.data as {
    pixels: Uint8ClampedArray;
    width: number;
    height: number;
    full: { width: number; height: number };
  };
  postMessage(judge(toGrey(pixels, width, height), full));
});
