import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Code, CodeKind } from "./barcode";
import { closeCamera, openCamera } from "./camera";
import { Button, Notice } from "./ui";

export interface ScannerTexts {
  readonly hint: string;
  readonly opening: string;
  readonly refused: string;
  readonly missing: string;
  readonly again: string;
}

/**
 * Looks for a code until the screen closes. Each is handed over once in a row; whoever takes it
 * answers when the next may come.
 */
export function Scanner(props: {
  kind: CodeKind;
  texts: ScannerTexts;
  onCode: (code: Code) => void | Promise<void>;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const take = useRef(props.onCode);
  take.current = props.onCode;
  const [state, setState] = useState<"opening" | "looking" | "refused" | "missing">("opening");
  const [tries, setTries] = useState(0);

  useEffect(() => {
    let stream: MediaStream | undefined;
    let stopped = false;
    const run = async () => {
      setState("opening");
      try {
        const [opened, { readCode }] = await Promise.all([
          openCamera(video.current!, true),
          import("./barcode"),
        ]);
        stream = opened;
        if (stopped) return closeCamera(stream);
        setState("looking");
        const canvas = document.createElement("canvas");
        const context = canvas.getContext("2d", { willReadFrequently: true })!;
        let last = "";
        while (!stopped) {
          const shown = video.current;
          if (shown?.videoWidth && document.visibilityState === "visible") {
            canvas.width = shown.videoWidth;
            canvas.height = shown.videoHeight;
            context.drawImage(shown, 0, 0);
            const image = context.getImageData(0, 0, canvas.width, canvas.height);
            const code = await readCode(image, props.kind);
            if (stopped) return;
            const seen = code ? code.text + code.bytes.length : "";
            if (code && seen !== last) {
              navigator.vibrate?.(60);
              await take.current(code);
            }
            if (code) last = seen;
          }
          await new Promise((next) => setTimeout(next, 60));
        }
      } catch (error) {
        if (stopped) return;
        const name = error instanceof DOMException ? error.name : "";
        setState(name === "NotAllowedError" ? "refused" : "missing");
      }
    };
    void run();
    return () => {
      stopped = true;
      closeCamera(stream);
    };
  }, [props.kind, tries]);

  // The picture is on the page again before the camera is asked.
  const again = () => {
    setState("opening");
    setTries(tries + 1);
  };
  if (state === "refused" || state === "missing") {
    return (
      <Notice tone="wait" live>
        <p>{state === "refused" ? props.texts.refused : props.texts.missing}</p>
        <div class="row">
          <Button icon="camera" onPress={again}>
            {props.texts.again}
          </Button>
        </div>
      </Notice>
    );
  }
  return (
    <div class="viewer wide">
      <video ref={video} playsInline muted />
      <div class="aim" />
      <p class="hint" role="status">
        {state === "opening" ? props.texts.opening : props.texts.hint}
      </p>
    </div>
  );
}
