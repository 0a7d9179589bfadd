import { useEffect, useState } from "preact/hooks";

export type Language = "vi" | "en";

const KEPT = "tannha.language";
let language: Language = "vi";
const listeners = new Set<() => void>();

export function currentLanguage(): Language {
  return language;
}

export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

/** Vietnamese unless the person has chosen otherwise: the phone's own language says little. */
export function startLanguage(): void {
  setLanguage(localStorage.getItem(KEPT) === "en" ? "en" : "vi");
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

/** Makes the function that looks texts up; `{name}` in a text is replaced by a value. */
export function translator<Key extends string>(tables: Record<Language, Record<Key, string>>) {
  return (key: Key, values: Values = {}): string =>
    tables[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
