import type { CoreOptions } from "../../web/client";
import { act, type Status } from "../shared/core";
import { platformKey } from "../shared/platform_key";
import { forget } from "../shared/router";

/**
 * Training is the same app on another store, which the core fills with made-up people and which has
 * no server: the core sends nothing of it, and no registry would take it. Nothing of it can reach
 * the real store, or the other way round.
 */
const KEPT = "tannha.training";
const STORE = "exercise";
/** A store that a window before this one has just let go of. */
const REMOVE_TRIES = 20;
const REMOVE_PAUSE_MS = 100;

export function isTraining(): boolean {
  return localStorage.getItem(KEPT) !== null;
}

async function removeStore(): Promise<void> {
  indexedDB.deleteDatabase(`${STORE}-files`);
  const files = await navigator.storage.getDirectory?.().catch(() => undefined);
  for (let left = REMOVE_TRIES; files; left--) {
    try {
      return await files.removeEntry(STORE, { recursive: true });
    } catch (error) {
      if ((error as Error).name === "NotFoundError") return;
      if (left === 0) throw error;
      await new Promise((done) => setTimeout(done, REMOVE_PAUSE_MS));
    }
  }
}

/** What the core is opened with. */
export async function chooseStore(): Promise<Partial<CoreOptions>> {
  if (!isTraining()) return { store: "core" };
  if (localStorage.getItem(KEPT) === "new") {
    await removeStore();
    localStorage.setItem(KEPT, "yes");
  }
  // Without a PIN: there is nothing in it to be kept from anybody.
  return { store: STORE, open: { platformKey: await platformKey(STORE) } };
}

/** Whether it is to be made, or was cut off while it was being made: the procedures come last. */
export function isTrainingMade(now: Status): boolean {
  return now.made && !now.locked && now.me !== undefined && now.procedures > 0;
}

/** Makes the round of made-up dossiers, once. What was cut off is made anew, from the beginning. */
export async function makeTraining(now: Status): Promise<void> {
  if (now.me && now.procedures === 0) return startTraining();
  if (!now.made) await act("makeVault", {});
  if (!now.me) await act("train", {});
}

async function restart(): Promise<void> {
  history.replaceState(null, "", "#/");
  await forget();
  location.reload();
}

/** From the beginning, whatever was done in an exercise before. */
export function startTraining(): Promise<void> {
  localStorage.setItem(KEPT, "new");
  return restart();
}

export function stopTraining(): Promise<void> {
  localStorage.removeItem(KEPT);
  return restart();
}
