import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { closeCamera, openCamera } from "./camera";

/** Before each further try at a camera that is there and does not start. */
const WAITS_MS = [300, 1_000, 2_000];

/** missing: there is none, or another program keeps it. */
export type CameraState = "opening" | "open" | "refused" | "missing";

export interface Camera {
  readonly state: CameraState;
  /** There while it is open. */
  readonly stream: MediaStream | undefined;
  /** Asks once more. */
  readonly again: () => void;
}

/**
 * Shows the camera in `video` until the screen closes, and opens it anew when the system took it
 * away: a call, or another app. A picture that stands still would be of another paper.
 */
export function useCamera(video: RefObject<HTMLVideoElement | null>, wide: boolean): Camera {
  const [stream, setStream] = useState<MediaStream>();
  const [failed, setFailed] = useState<"refused" | "missing">();
  const [tries, setTries] = useState(0);
  const state = stream ? "open" : (failed ?? "opening");

  // The picture is on the page again before the camera is asked.
  const again = () => {
    setFailed(undefined);
    setTries((count) => count + 1);
  };

  useEffect(() => {
    let opened: MediaStream | undefined;
    let gone = false;
    const open = async () => {
      for (let failures = 0; !gone; failures++) {
        try {
          opened = await openCamera(video.current!, wide);
          if (gone) return closeCamera(opened);
          opened.getVideoTracks()[0]?.addEventListener("ended", again);
          return setStream(opened);
        } catch (error) {
          const name = error instanceof DOMException ? error.name : "";
          if (gone) return;
          if (name === "NotAllowedError") return setFailed("refused");
          const waitMs = WAITS_MS[failures];
          if (name === "NotFoundError" || waitMs === undefined) return setFailed("missing");
          await new Promise((next) => setTimeout(next, waitMs));
        }
      }
    };
    void open();
    return () => {
      gone = true;
      closeCamera(opened);
      setStream(undefined);
    };
  }, [wide, tries]);

  // Whoever comes back from another app has it closed by now.
  useEffect(() => {
    if (failed !== "missing") return;
    const seen = () => document.visibilityState === "visible" && again();
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [failed]);

  return { state, stream, again };
}
