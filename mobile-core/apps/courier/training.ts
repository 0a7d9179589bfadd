import { forget } from "../shared/router";

/**
 * Training is the same app on another store: its own key, PIN and dossiers, enrolled at a registry
 * that has made-up dossiers only. Nothing of it can reach the real store, or the other way round.
 */
const KEPT = "tannha.training";

export function isTraining(): boolean {
  return localStorage.getItem(KEPT) === "yes";
}

export function storeName(): string {
  return isTraining() ? "training" : "core";
}

async function restart(): Promise<void> {
  history.replaceState(null, "", "#/");
  await forget();
  location.reload();
}

export function startTraining(): Promise<void> {
  localStorage.setItem(KEPT, "yes");
  return restart();
}

export function stopTraining(): Promise<void> {
  localStorage.removeItem(KEPT);
  return restart();
}
