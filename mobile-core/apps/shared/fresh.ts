import { useEffect } from "preact/hooks";
import { request } from "./request";

/**
 * Shorter than the time after which the core locks itself: asking counts as use, and a page that
 * nobody uses must lock.
 */
const IDLE_AFTER_MS = 4 * 60 * 1000;

/** Asks the server for news again and again, while the page is used and there is a network. */
export function useFresh(everyMs: number): void {
  useEffect(() => {
    let usedMs = Date.now();
    const used = () => void (usedMs = Date.now());
    const ask = () => {
      if (document.visibilityState !== "visible" || !navigator.onLine) return;
      if (Date.now() - usedMs < IDLE_AFTER_MS) void request("sync").catch(() => undefined);
    };
    const timer = setInterval(ask, everyMs);
    addEventListener("pointerdown", used);
    addEventListener("keydown", used);
    addEventListener("scroll", used, { passive: true });
    ask();
    return () => {
      clearInterval(timer);
      removeEventListener("pointerdown", used);
      removeEventListener("keydown", used);
      removeEventListener("scroll", used);
    };
  }, [everyMs]);
}
