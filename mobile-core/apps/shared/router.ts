import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "./kept";

/** A place in the app: the parts of the address after "#/". */
export type Place = readonly string[];

const KEPT = "place";

function read(): Place {
  return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
}

export function address(...parts: string[]): string {
  return "#/" + parts.map(encodeURIComponent).join("/");
}

export function go(...parts: string[]): void {
  location.hash = address(...parts);
}

/** Goes somewhere without leaving this place in the history: after a step that is done. */
export function replace(...parts: string[]): void {
  history.replaceState(null, "", address(...parts));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/**
 * An app that the system killed starts again at its first page: it goes back to where the person
 * was. Only ids are kept, never what was typed.
 */
export async function resume(): Promise<void> {
  const place = await kept(KEPT).catch(() => undefined);
  if (typeof place === "string" && !location.hash) history.replaceState(null, "", place);
}

/** The next start is at the first page. */
export async function forget(): Promise<void> {
  await keep(KEPT, "").catch(() => undefined);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const moved = () => {
      keep(KEPT, location.hash).catch(() => undefined);
      setPlace(read());
      scrollTo(0, 0);
    };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return place;
}
