import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { toJpeg } from "./camera";

/** What a signature pad gives when it is asked. */
export interface Pad {
  clear(): void;
  jpeg(): Promise<Uint8Array>;
}

const WIDTH = 900;
const HEIGHT = 450;

/** A finger's signature is an image and evidence; it is never called a digital signature. */
export function SignaturePad(props: {
  label: string;
  onReady: (pad: Pad) => void;
  onInk: (signed: boolean) => void;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext("2d")!;
    const clear = () => {
      context.fillStyle = "#fff";
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.strokeStyle = "#101820";
      context.lineWidth = 6;
      context.lineCap = context.lineJoin = "round";
    };
    clear();
    const place = (event: PointerEvent): [number, number] => {
      const box = element.getBoundingClientRect();
      return [
        ((event.clientX - box.left) * WIDTH) / box.width,
        ((event.clientY - box.top) * HEIGHT) / box.height,
      ];
    };
    let drawing = false;
    const down = (event: PointerEvent) => {
      drawing = true;
      element.setPointerCapture(event.pointerId);
      context.beginPath();
      context.moveTo(...place(event));
    };
    const move = (event: PointerEvent) => {
      if (!drawing) return;
      context.lineTo(...place(event));
      context.stroke();
      props.onInk(true);
    };
    const up = () => void (drawing = false);
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    props.onReady({
      clear: () => {
        clear();
        props.onInk(false);
      },
      jpeg: () => toJpeg(element, 0.8),
    });
  }, []);
  return (
    <canvas
      ref={canvas}
      class="pad"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={props.label}
    />
  );
}
