// @ts-check
// Runs in pages of the guide: has the service worker keep the guide for when there is no network. Without it the pages are the same.

const guidePage = /** @type {any} */ (globalThis);

keepGuideOffline(new URL("../sw.js", guidePage.document.currentScript.src));

/** @param {URL} address where the service worker is */
async function keepGuideOffline(address) {
  const workers = guidePage.navigator.serviceWorker;
  if (!workers) return;
  try {
    await workers.register(address, { updateViaCache: "none" });
    const { active } = await workers.ready;
    active.postMessage("guide");
  } catch {
    // Not over HTTPS, or refused by the reader: nothing is kept.
  }
}
