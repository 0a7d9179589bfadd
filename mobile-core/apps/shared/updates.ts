/**
 * A new version is fetched in the background and takes over in two ways: at the next start, before
 * anything is shown, or when the person taps. Everything entered is a record by then, so nothing is
 * lost by starting again; a page that is in use is never reloaded by itself.
 */
type Listener = (waiting: boolean) => void;

const CHECK_EVERY_MS = 60 * 60 * 1000;
let waiting: ServiceWorker | undefined;
const listeners = new Set<Listener>();

function found(worker: ServiceWorker | null): void {
  if (!worker) return;
  waiting = worker;
  for (const listener of listeners) listener(true);
}

export function onUpdate(listener: Listener): () => void {
  listeners.add(listener);
  listener(waiting !== undefined);
  return () => void listeners.delete(listener);
}

function takeOver(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), {
    once: true,
  });
  worker.postMessage("take over");
}

export function restart(): void {
  if (waiting) takeOver(waiting);
}

/** @return whether the page is about to be loaded again, in which case nothing should be started */
export async function startUpdates(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  const before = await navigator.serviceWorker.getRegistration();
  if (before?.waiting && navigator.serviceWorker.controller) {
    takeOver(before.waiting);
    return true;
  }
  void navigator.serviceWorker
    .register("service_worker.js")
    .then((registration) => {
      registration.addEventListener("updatefound", () => {
        const coming = registration.installing;
        coming?.addEventListener("statechange", () => {
          // Without a controller this is the first version: there is nothing to restart.
          if (coming.state === "installed" && navigator.serviceWorker.controller) {
            found(registration.waiting);
          }
        });
      });
      const check = () => void registration.update().catch(() => undefined);
      setInterval(check, CHECK_EVERY_MS);
      addEventListener("online", check);
    })
    .catch(() => undefined);
  return false;
}
