export type Group = "overdue" | "today" | "none" | "week" | "later";

/** In the order in which they want to be seen to. */
export const groups: readonly Group[] = ["overdue", "today", "none", "week", "later"];

const WEEK_DAYS = 7;

/** Whole calendar days from today to the day of a time: due days are days, not hours. */
export function daysUntil(ms: number, now: number): number {
  const midnight = (of: number) => {
    const day = new Date(of);
    // Of the calendar, so that a day of 23 or 25 hours is one day too.
    return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
  };
  return Math.round((midnight(ms) - midnight(now)) / 86_400_000);
}

export function groupOf(dueMs: number | undefined, now: number): Group {
  if (dueMs === undefined) return "none";
  const days = daysUntil(dueMs, now);
  if (days < 0) return "overdue";
  if (days === 0) return "today";
  return days <= WEEK_DAYS ? "week" : "later";
}
