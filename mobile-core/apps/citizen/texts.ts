import { translator } from "../shared/i18n";
import type { ScannerTexts } from "../shared/scanner";
import { en } from "./texts/en";
import { vi } from "./texts/vi";

export type TextKey = keyof typeof vi;

export const t = translator<TextKey>({ vi, en });

export function scannerTexts(): ScannerTexts {
  return {
    hint: t("scan.hint"),
    opening: t("scan.opening"),
    refused: t("scan.refused"),
    missing: t("scan.missing"),
    again: t("again"),
  };
}
