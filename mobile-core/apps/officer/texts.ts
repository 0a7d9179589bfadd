import { translator } from "../shared/i18n";
import type { ScannerTexts } from "../shared/scanner";
import type { Tone } from "../shared/ui";
import type { Stage, Verdict } from "../../web/api";
import { en } from "./texts/en";
import { vi } from "./texts/vi";

export type TextKey = keyof typeof vi;

export const t = translator<TextKey>({ vi, en });

export function stageTone(stage: Stage): Tone {
  switch (stage) {
    case "handed_over":
    case "supplemented":
      return "note";
    case "needs_supplement":
      return "wait";
    case "refused":
      return "bad";
    case "result_ready":
    case "returned":
      return "good";
    default:
      return "plain";
  }
}

export function verdictTone(verdict: Verdict): Tone {
  switch (verdict) {
    case "effective":
      return "good";
    case "refused":
      return "bad";
    case "held":
    case "waiting":
      return "wait";
    default:
      return "plain";
  }
}

/** A field that this version has no words for is shown by its name rather than left out. */
export function fieldText(field: string): string {
  const key = "field." + field;
  return key in vi ? t(key as TextKey) : field;
}

export function scannerTexts(): ScannerTexts {
  return {
    hint: t("scan.hint"),
    opening: t("scan.opening"),
    refused: t("scan.refused"),
    missing: t("scan.missing"),
    again: t("again"),
  };
}
