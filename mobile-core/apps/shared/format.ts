import { currentLanguage } from "./i18n";

const locale = () => (currentLanguage() === "vi" ? "vi-VN" : "en-GB");

/** Money is whole đồng: "1.234.567 đồng". */
export function money(dong: number): string {
  return dong.toLocaleString("vi-VN") + " đồng";
}

/** Numbers of Vietnam as people read them out: "0912 345 678"; others as they are. */
export function phone(e164: string): string {
  const own = /^\+84(\d{2,3})(\d{3})(\d{3,4})$/.exec(e164);
  return own ? `0${own[1]} ${own[2]} ${own[3]}` : e164;
}

export function count(value: number): string {
  return value.toLocaleString(locale());
}

const two = (value: number) => String(value).padStart(2, "0");

/** dd/MM/yyyy in both languages: that is how the papers beside the phone are written. */
export function date(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getDate())}/${two(d.getMonth() + 1)}/${d.getFullYear()}`;
}

/** 24-hour time. */
export function time(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

export function dateTime(ms: number): string {
  return `${time(ms)} ${date(ms)}`;
}

export function isToday(ms: number, now = Date.now()): boolean {
  return date(ms) === date(now);
}

export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return value.toLocaleString(locale(), { maximumFractionDigits: digits }) + " " + units[unit];
}
