import { useEffect, useState } from "preact/hooks";

/** More than a screen of them, with the largest letters. */
const FIRST = 12;
/** What comes at once without being felt. */
const MORE = 24;

/** Of a long list what is seen first, and soon all of it: nobody waits for what is out of sight. */
export function useGrowing<Item>(all: readonly Item[]): readonly Item[] {
  const [count, setCount] = useState(FIRST);
  useEffect(() => {
    if (count >= all.length) return;
    const timer = setTimeout(() => setCount(count + MORE));
    return () => clearTimeout(timer);
  }, [count, all.length]);
  return count < all.length ? all.slice(0, count) : all;
}
