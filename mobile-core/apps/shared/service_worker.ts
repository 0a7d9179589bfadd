/// <reference lib="webworker" />
export {};
declare const self: ServiceWorkerGlobalScope;
/** Put in by the build: what the app consists of, and a hash over it. */
declare const SHELL: readonly string[];
declare const VERSION: string;
declare const APP: string;

const prefix = `tannha-${APP}-`;
const name = prefix + VERSION;

self.addEventListener("install", (event) => {
  // Everything or nothing: half a version must never serve a courier without a network.
  event.waitUntil(
    caches
      .open(name)
      .then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const ours = (await caches.keys()).filter((key) => key.startsWith(prefix) && key !== name);
      // The version before stays: another open window may still ask for a part of it.
      await Promise.all(ours.slice(0, -1).map((key) => caches.delete(key)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const scope = new URL(self.registration.scope).pathname;
  const path = url.pathname === scope ? scope + "index.html" : url.pathname;
  // What is not part of the app, such as the registry's answers, is never taken from a cache.
  if (!SHELL.some((part) => scope + part === path)) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(name);
      return (await cache.match(path)) ?? (await caches.match(path)) ?? fetch(event.request);
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});
