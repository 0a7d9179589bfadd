export type Theme = "auto" | "light" | "dark" | "contrast";

const KEPT = "tannha.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const contrast = matchMedia("(prefers-contrast: more)");

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" || kept === "contrast" ? kept : "auto";
}

function apply(): void {
  const chosen = chosenTheme();
  const shown =
    chosen !== "auto" ? chosen : contrast.matches ? "contrast" : dark.matches ? "dark" : "light";
  document.documentElement.dataset["theme"] = shown;
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  apply();
}

export function startTheme(): void {
  apply();
  dark.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
}
