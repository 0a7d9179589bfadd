import { useEffect, useState } from "preact/hooks";

export type Language = "vi" | "en";

const KEPT = "tannha.language";
let language: Language = "vi";
const listeners = new Set<() => void>();

export function currentLanguage(): Language {
  return language;
}

/** What the second language still needs before it can be spoken. */
const loaders: (() => Promise<void>)[] = [];

/** The texts stay as they are until those of the next language are there. */
async function speak(next: Language): Promise<void> {
  if (next === "en") await Promise.all(loaders.map((load) => load()));
  language = next;
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

export async function setLanguage(next: Language): Promise<void> {
  await speak(next);
  localStorage.setItem(KEPT, next);
}

/** Vietnamese unless the person has chosen otherwise: the phone's own language says little. */
export async function startLanguage(): Promise<void> {
  const wanted = localStorage.getItem(KEPT) === "en" ? "en" : "vi";
  // What could not be loaded this time stays chosen.
  await speak(wanted).catch(() => speak("vi"));
}

export function useLanguage(): Language {
  const [now, setNow] = useState(language);
  useEffect(() => {
    const listener = () => setNow(language);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return now;
}

type Values = Readonly<Record<string, string | number>>;

type Table<Key extends string> = Record<Key, string>;

/**
 * Makes the function that looks texts up; `{name}` in a text is replaced by a value. English may be
 * fetched when somebody first speaks it.
 */
export function translator<Key extends string>(tables: {
  vi: Table<Key>;
  en: Table<Key> | (() => Promise<Table<Key>>);
}) {
  let english = typeof tables.en === "function" ? undefined : tables.en;
  if (typeof tables.en === "function") {
    const load = tables.en;
    loaders.push(async () => void (english ??= await load()));
  }
  return (key: Key, values: Values = {}): string => {
    const table = (language === "en" && english) || tables.vi;
    return table[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  };
}
