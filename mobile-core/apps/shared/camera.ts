import { LOOKED_AT_SIDE, type Quality } from "./quality";

/** A4 at 200 dots an inch: what an office needs to read, at a quarter of what cameras give. */
const LONG_SIDE_MAX = 2339;
const JPEG_QUALITY = 0.78;

export interface Photo {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly quality: Quality;
}

/** Errors: a DOMException whose name says why there is no camera ("NotAllowedError", …). */
export async function openCamera(video: HTMLVideoElement, wide: boolean): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException("no camera here", "NotFoundError");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      facingMode: { ideal: "environment" },
      width: { ideal: wide ? 1280 : 2560 },
      height: { ideal: wide ? 720 : 1920 },
    },
  });
  try {
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    closeCamera(stream);
    throw error;
  }
}

export function closeCamera(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Lights the paper where the phone can. @return whether it could */
export async function setTorch(stream: MediaStream, on: boolean): Promise<boolean> {
  const track = stream.getVideoTracks()[0];
  const able = track?.getCapabilities?.() as { torch?: boolean } | undefined;
  if (!track || !able?.torch) return false;
  await track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  return true;
}

function draw(source: CanvasImageSource, from: { width: number; height: number }, side: number) {
  const scale = Math.min(1, side / Math.max(from.width, from.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(from.width * scale));
  canvas.height = Math.max(1, Math.round(from.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: side === LOOKED_AT_SIDE })!;
  // JPEG has no transparency: what is see-through would become black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return { canvas, context };
}

export async function toJpeg(
  canvas: HTMLCanvasElement,
  quality = JPEG_QUALITY,
): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
  if (!blob) throw new Error("the browser made no JPEG");
  return new Uint8Array(await blob.arrayBuffer());
}

let worker: Worker | undefined;
let queue: Promise<unknown> = Promise.resolve();

function look(image: ImageData, full: { width: number; height: number }): Promise<Quality> {
  const { data: pixels, width, height } = image;
  worker ??= new Worker("quality_worker.js", { type: "module" });
  const ask = () =>
    new Promise<Quality>((done, fail) => {
      worker!.onmessage = (event: MessageEvent) => done(event.data as Quality);
      worker!.onerror = () => fail(new Error("the photograph could not be judged"));
      worker!.postMessage({ pixels, width, height, full }, [pixels.buffer]);
    });
  const answer = queue.then(ask, ask);
  queue = answer.catch(() => undefined);
  return answer;
}

/** Drawing it anew leaves out what the camera wrote beside the picture, the place among it. */
async function finish(
  source: CanvasImageSource,
  full: { width: number; height: number },
): Promise<Photo> {
  const { canvas } = draw(source, full, LONG_SIDE_MAX);
  const small = draw(canvas, canvas, LOOKED_AT_SIDE);
  const image = small.context.getImageData(0, 0, small.canvas.width, small.canvas.height);
  const judged = look(image, full);
  const [jpeg, quality] = await Promise.all([toJpeg(canvas), judged]);
  return { jpeg, width: canvas.width, height: canvas.height, quality };
}

export function takePhoto(video: HTMLVideoElement): Promise<Photo> {
  return finish(video, { width: video.videoWidth, height: video.videoHeight });
}

/** A photograph from the phone's own camera app. Errors: it is not a picture. */
export async function readPhoto(file: Blob): Promise<Photo> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    return await finish(picture, { width: picture.width, height: picture.height });
  } finally {
    picture.close();
  }
}
