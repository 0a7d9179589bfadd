import { useEffect } from "preact/hooks";
import { request } from "./request";

/**
 * Asks the server for news again and again, while the page is seen and there is a network. Where the
 * live connection works the news are there before; this is for where something between cuts it.
 */
export function useFresh(everyMs: number): void {
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState !== "visible" || !navigator.onLine) return;
      void request("sync").catch(() => undefined);
    };
    const timer = setInterval(ask, everyMs);
    ask();
    return () => clearInterval(timer);
  }, [everyMs]);
}
