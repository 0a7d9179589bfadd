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

function restart(): void {
  history.replaceState(null, "", "#/");
  localStorage.removeItem("tannha.place");
  localStorage.removeItem("tannha.bag");
  location.reload();
}

export function startTraining(): void {
  localStorage.setItem(KEPT, "yes");
  restart();
}

export function stopTraining(): void {
  localStorage.removeItem(KEPT);
  restart();
}
