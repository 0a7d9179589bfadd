import { ask, status } from "./core";

/**
 * Background Sync, where the browser has it: when the network is back, the service worker wakes the
 * window that is open, or reminds the person of what is unsent. It can send nothing by itself:
 * records lie sealed under the PIN, and only an open window has opened them.
 */
const TAG = "unsent";

// What of Background Sync is used here; TypeScript's own library does not have it.
interface SyncManager {
  register(tag: string): Promise<void>;
}

async function wish(): Promise<void> {
  const now = await status();
  if (now.unsentRecords === 0 && (now.unsentFiles === 0 || now.filesHeld)) return;
  const registration = await navigator.serviceWorker?.ready;
  const manager = (registration as { sync?: SyncManager } | undefined)?.sync;
  await manager?.register(TAG);
}

/** Asks to be woken when the window is left with something unsent, or has lost its network. */
export function watchBackground(): () => void {
  const leaving = () => {
    if (document.visibilityState === "hidden") void wish().catch(() => undefined);
  };
  const lost = () => void wish().catch(() => undefined);
  const woken = (message: MessageEvent) => {
    // Locked, the core says no; whoever unlocks it synchronises anyway.
    if (message.data === TAG) void ask("sync", {}).catch(() => undefined);
  };
  document.addEventListener("visibilitychange", leaving);
  addEventListener("offline", lost);
  navigator.serviceWorker?.addEventListener("message", woken);
  return () => {
    document.removeEventListener("visibilitychange", leaving);
    removeEventListener("offline", lost);
    navigator.serviceWorker?.removeEventListener("message", woken);
  };
}

/** Whether the person can be reminded when no window is open; undefined where no browser could. */
export function mayRemind(): NotificationPermission | undefined {
  return "Notification" in window && "serviceWorker" in navigator
    ? Notification.permission
    : undefined;
}
