import { act, onEvent, status } from "../shared/core";

/**
 * Photographs are nearly all that a day weighs: on mobile data they may wait for Wi-Fi. Records
 * never do. The core keeps what was last said over its restarts; what the network is, only the page
 * can see.
 */
export type PhotosBy = "any" | "wifi";

const KEPT = "tannha.photos";

// What of the Network Information API is used here; TypeScript's own library does not have it.
interface Connection extends EventTarget {
  readonly type?: string;
}
function connection(): Connection | undefined {
  return (navigator as { connection?: Connection }).connection;
}

/** Whether this browser says what kind of network there is. */
export function knowsLink(): boolean {
  return connection()?.type !== undefined;
}

export function photosBy(): PhotosBy {
  return localStorage.getItem(KEPT) === "wifi" ? "wifi" : "any";
}

/** Somebody did not want to wait: good until the network is another one. */
let hurried = false;

async function tell(): Promise<void> {
  const now = await status();
  if (!now.made) return;
  const hold = photosBy() === "wifi" && connection()?.type === "cellular" && !hurried;
  if (now.filesHeld !== hold) await act("holdFiles", { hold });
}

export async function setPhotosBy(choice: PhotosBy): Promise<void> {
  if (choice === "wifi") localStorage.setItem(KEPT, choice);
  else localStorage.removeItem(KEPT);
  hurried = false;
  await tell();
}

export async function sendPhotosNow(): Promise<void> {
  hurried = true;
  await tell();
}

/** Tells the core now, and whenever the network becomes another one. @return a function that ends it */
export function watchLink(): () => void {
  let last: string | undefined;
  const changed = () => {
    // The event tells of another speed too.
    const type = connection()?.type;
    if (type !== last) hurried = false;
    last = type;
    void tell().catch(() => undefined);
  };
  changed();
  const ends = [onEvent((event) => void (event["@type"] === "enrolled" && changed()))];
  const link = connection();
  link?.addEventListener("change", changed);
  return () => {
    link?.removeEventListener("change", changed);
    for (const end of ends) end();
  };
}
