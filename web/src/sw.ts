/// The shell's cache, nothing else: no answer of the API and no unsent write ever lies in it.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope;
declare const __SHELL__: Array<{ url: string; revision: string }>;

precacheAndRoute(__SHELL__);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/app/"), { allowlist: [/^\/app(\/|$)/] }));

// Parts that are not in the shell (another language, the owner's pages) are kept once they were used.
const LATER = "samaan-later";
registerRoute(
  ({ url }) => url.pathname.startsWith("/app/assets/"),
  async ({ request }) => {
    const cache = await caches.open(LATER);
    const kept = await cache.match(request);
    if (kept) return kept;
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  },
);

// A new version takes over only when the page asks at its start and no other window of the app is open.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") event.waitUntil(takeOver());
});

async function takeOver(): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.length <= 1) await self.skipWaiting();
}
