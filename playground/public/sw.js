// @ts-check
// The page's service worker: keeps the page for when there is no network, and adds the headers of cross-origin isolation
// for hosts that cannot send them. Plain JavaScript, so that it is served as it is.

const self = /** @type {any} */ (globalThis);
const CACHE = "rmsprop-playground";

self.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === self.location.origin) event.respondWith(answer(event.request));
});

/** All files of the build, as the build lists them. */
async function keepAll() {
  const files = await (await fetch("files.json", { cache: "no-cache" })).json();
  const cache = await caches.open(CACHE);
  await cache.addAll(["./", ...files]);
}

/** The network first, so that a new version is seen at once; what was kept where there is none. @param {Request} request */
async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return isolated(response);
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
    if (kept) return isolated(kept);
    throw error;
  }
}

/** @param {Response} response */
function isolated(response) {
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
