import { keep, kept } from "../shared/kept";

const KEPT = "citizen.stores";

/** One link is for one dossier, whose key stays apart: each has a store of its own. */
export interface Opened {
  readonly store: string;
  readonly sinceMs: number;
}

/** The one that was open last comes first. */
export async function openedBefore(): Promise<readonly Opened[]> {
  return ((await kept(KEPT)) ?? []) as readonly Opened[];
}

/** A ticket stands behind "#" in a link; a place in the app begins with a slash. */
export function ticketIn(address: string): string | undefined {
  return /#([A-Za-z0-9_-]{16,})$/.exec(address)?.[1];
}

async function storeOf(ticket: string): Promise<string> {
  const sum = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ticket)),
  );
  return (
    "citizen-" + [...sum.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  );
}

/** The store of the link that was opened; without a link the one that was open last. */
export async function chooseStore(): Promise<string> {
  const ticket = ticketIn(location.hash);
  if (ticket === undefined) return (await openedBefore())[0]?.store ?? "citizen";
  return storeOf(ticket);
}

/** Notes that a key is made for this link, so that the page finds it without the link. */
export async function remember(ticket: string): Promise<void> {
  const store = await storeOf(ticket);
  const others = (await openedBefore()).filter((one) => one.store !== store);
  await keep(KEPT, [{ store, sinceMs: Date.now() }, ...others]);
}

export async function openStore(store: string): Promise<void> {
  const all = await openedBefore();
  await keep(KEPT, [
    ...all.filter((one) => one.store === store),
    ...all.filter((one) => one.store !== store),
  ]);
  history.replaceState(null, "", "#/");
  location.reload();
}
