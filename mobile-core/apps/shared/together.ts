import { useEffect, useState } from "preact/hooks";
import { onEvent, type Asked } from "./core";

/**
 * While records pour in, something changes all the time: asking may take a fifth of the core's
 * time at the most; the rest is for what is being asked about.
 */
const REST = 4;

/**
 * Makes a hook for an answer that several parts of a page show at once: it is asked for once, and
 * again only when the core says that something has changed. For what takes long to answer.
 */
export function together<Value>(question: () => Promise<Value>): () => Asked<Value> {
  const nothing: Asked<Value> = { value: undefined, error: undefined };
  let now = nothing;
  let fresh = false;
  let asking = false;
  let heard = false;
  let locks = 0;
  const showers = new Set<(asked: Asked<Value>) => void>();

  const tell = (next: Asked<Value>) => {
    now = next;
    for (const show of showers) show(next);
  };
  const run = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    while (!fresh && showers.size > 0) {
      fresh = true;
      const since = locks;
      const began = performance.now();
      try {
        const value = await question();
        if (since === locks) tell({ value, error: undefined });
      } catch (error) {
        fresh = false;
        if (since === locks) tell({ value: now.value, error });
        break;
      }
      const took = performance.now() - began;
      await new Promise((next) => setTimeout(next, took * REST));
    }
    asking = false;
  };
  const hear = () => {
    heard = true;
    onEvent((event) => {
      const type = event["@type"];
      if (type !== "changed" && type !== "locked") return;
      fresh = false;
      if (type === "changed") return void run();
      // What is locked away must not stay on in the page.
      locks++;
      tell(nothing);
    });
  };
  return () => {
    const [shown, show] = useState(now);
    useEffect(() => {
      if (!heard) hear();
      showers.add(show);
      show(now);
      void run();
      return () => void showers.delete(show);
    }, []);
    return shown;
  };
}
