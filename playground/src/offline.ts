// The service worker, which keeps the page for when there is no network. Without it the page works, but not offline.

/** Registers it from its address; not while the page is developed, when nothing may be kept. */
export function registerOffline(address: string): void {
  if (import.meta.env.PROD && "serviceWorker" in navigator)
    navigator.serviceWorker.register(address, { updateViaCache: "none" }).catch(() => undefined);
}
