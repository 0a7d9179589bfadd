import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Code, CodeKind } from "./barcode";
import { Button, Notice } from "./ui";
import { useCamera } from "./use_camera";

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
  const { state, again } = useCamera(video, true);
  const [reader, setReader] = useState<typeof import("./barcode") | "missing">();

  useEffect(() => {
    if (reader !== undefined) return;
    import("./barcode").then(setReader, () => setReader("missing"));
  }, [reader]);

  useEffect(() => {
    if (state !== "open" || reader === undefined || reader === "missing") return;
    let stopped = false;
    const look = async () => {
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
          const code = await reader.readCode(image, props.kind);
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
    };
    look().catch(() => {
      if (!stopped) setReader("missing");
    });
    return () => {
      stopped = true;
    };
  }, [props.kind, state, reader]);

  const retry = () => {
    if (reader === "missing") setReader(undefined);
    again();
  };
  if (state === "refused" || state === "missing" || reader === "missing") {
    return (
      <Notice tone="wait" live>
        <p>{state === "refused" ? props.texts.refused : props.texts.missing}</p>
        <div class="row">
          <Button icon="camera" onPress={retry}>
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
        {state === "opening" || !reader ? props.texts.opening : props.texts.hint}
      </p>
    </div>
  );
}
