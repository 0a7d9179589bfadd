import type { ScannerTexts } from "../shared/scanner";
import type { Tone } from "../shared/ui";
import { translator } from "../shared/i18n";
import type { Stage, TimeLimit } from "./core";
import { vi } from "./texts/vi";

export type TextKey = keyof typeof vi;

export const t = translator<TextKey>({ vi, en: () => import("./texts/en").then(({ en }) => en) });

export function stageText(stage: Stage): string {
  return t(`stage.${stage}`);
}

export function stageTone(stage: Stage): Tone {
  switch (stage) {
    case "needs_supplement":
    case "collecting":
    case "sealed":
      return "wait";
    case "refused":
      return "bad";
    case "result_ready":
    case "returned":
    case "accepted":
      return "good";
    default:
      return "plain";
  }
}

/** A limit in the catalogue's own words where it has no number. */
export function timeText(limit: TimeLimit): string {
  if (limit.unit === "same_day") return t("time.same_day");
  if (limit.unit === "prose" || limit.count === undefined) return limit.text;
  return t(`time.${limit.unit}`, { count: limit.count });
}

/** A warning that this version has no words for is shown by its name rather than left out. */
export function warningText(warning: string): string {
  const key = "warning." + warning;
  return key in vi ? t(key as TextKey) : warning;
}

export function scannerTexts(hint: TextKey): ScannerTexts {
  return {
    hint: t(hint),
    opening: t("scan.opening"),
    refused: t("scan.refused"),
    missing: t("scan.missing"),
    again: t("scan.again"),
  };
}
