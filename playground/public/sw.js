// @ts-check
// The page's service worker: keeps the page for when there is no network, and adds the headers of cross-origin isolation
// for hosts that cannot send them. Plain JavaScript, so that it is served as it is.

const self = /** @type {any} */ (globalThis);

// What the build made: `files` are kept at once, `later` when they are first asked for. Another build is another version.
self.importScripts("files.js");
/** @type {{ version: string, files: string[], later: string[] }} */
const BUILT = self.BUILT;

const FAMILY = "rmsprop-playground";
const CACHE = `${FAMILY}-${BUILT.version}`;

self.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(keepFiles().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(dropOldVersions().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === self.location.origin) event.respondWith(answer(event.request));
});

// Pages of the guide ask for all of it; the playground says when it begins to need what is for later.
self.addEventListener("message", (/** @type {any} */ event) =>
  event.waitUntil(event.data === "guide" ? keepGuide() : keepLater()),
);

async function keepGuide() {
  const cache = await caches.open(CACHE);
  /** @type {string[]} */
  const files = await (await fetch("guide/files.json")).json();
  await cache.addAll(files);
}

async function keepLater() {
  const cache = await caches.open(CACHE);
  const kept = await Promise.all(BUILT.later.map((file) => cache.match(file)));
  await cache.addAll(BUILT.later.filter((_, i) => !kept[i]));
}

async function keepFiles() {
  const cache = await caches.open(CACHE);
  await cache.addAll(["./", ...BUILT.files].map((file) => new Request(file, { cache: "no-cache" })));
}

/** Removes what other versions kept, but for files on demand that are the same in this one. */
async function dropOldVersions() {
  const cache = await caches.open(CACHE);
  const old = (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);
  for (const name of old) {
    const kept = await caches.open(name);
    for (const file of BUILT.later) {
      const response = await kept.match(file);
      if (response) await cache.put(file, response);
    }
    await caches.delete(name);
  }
}

/**
 * What has a hash in its name never changes: what was kept comes first. Of all else the network's, so that a new version
 * is seen at once, and what was kept where there is none.
 * @param {Request} request
 */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
  if (kept && new URL(request.url).pathname.includes("/assets/")) return isolated(kept);
  try {
    const response = await fetch(request);
    if (response.status === 200) await cache.put(request, response.clone());
    return isolated(response);
  } catch (error) {
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
