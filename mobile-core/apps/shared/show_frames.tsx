import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { QrCode } from "./qr";

/** As many frames as an old camera still reads, measured at 300 bytes a frame. */
const FRAME_MS = 150;

/** Shows the frames of a parcel one after another, until the other phone has them all. */
export function Frames({
  frames,
  label,
}: {
  frames: readonly string[];
  label: string;
}): JSX.Element {
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (frames.length < 2) return;
    const timer = setInterval(() => setAt((now) => (now + 1) % frames.length), FRAME_MS);
    return () => clearInterval(timer);
  }, [frames]);
  return <QrCode text={frames[at % frames.length] ?? ""} label={label} />;
}
