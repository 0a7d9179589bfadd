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

// The network is back. Only a window that is open and unlocked can send; without one the person is
// reminded, where that was allowed.
self.addEventListener("sync", (event) => {
  const sync = event as ExtendableEvent & { readonly tag: string };
  if (sync.tag !== "unsent") return;
  sync.waitUntil(
    (async () => {
      const windows = await self.clients.matchAll({ type: "window" });
      for (const one of windows) one.postMessage(sync.tag);
      if (windows.length > 0 || Notification.permission !== "granted") return;
      await self.registration.showNotification("Tận Nhà", {
        body: "Còn dữ liệu chưa gửi. Mở ứng dụng và nhập mã PIN để gửi.",
        tag: sync.tag,
        icon: "icon-192.png",
      });
    })(),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const { scope } = self.registration;
      const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      const open = windows.find(({ url }) => url.startsWith(scope));
      await (open ? open.focus() : self.clients.openWindow(scope));
    })(),
  );
});
