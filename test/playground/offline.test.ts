// The service worker: the page without a network, and threads on a host that sends no headers.
import { expect, test } from "vitest";
import { trained } from "./digits.js";
import { usePage } from "./page.js";

const open = usePage();

test("once loaded, every tab of the page works offline", async () => {
  await open({ expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await page.reload();
    await page.locator(".loss.rmsprop").waitFor({ state: "attached" });
    await page.getByRole("tab", { name: "Landscape" }).click();
    await page.waitForSelector("#numbers td[data-value]");
    await page.getByRole("tab", { name: "Speed" }).click();
    await page.getByRole("button", { name: "Measure this machine" }).click();
    await page.getByText("Measured.", { exact: true }).waitFor({ timeout: 50_000 });
  });
});

test("once their tab was visited, digits are trained and files read offline, too", async () => {
  await open(
    { fragment: "tab=digits&epochs=1", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ },
    async (page) => {
      await trained(page);
      await page.waitForFunction(async () => {
        const text = await (await fetch("files.js")).text();
        const { later } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as { later: string[] };
        const kept = await Promise.all(later.map((name) => caches.match(name)));
        return kept.every((response) => response !== undefined);
      });
      await page.context().setOffline(true);
      await page.reload();
      await trained(page);
      await page.locator("#file").setInputFiles("test/keras-files/fixtures/tensorflow-plain.keras");
      await page.locator("#report table").waitFor();
    },
  );
});

test("offline, the tab Digits says what is missing if it was never visited, and trains once there is a network", async () => {
  await open({ fragment: "tab=code", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await page.evaluate(() => location.replace("#tab=digits&epochs=1"));
    await page.getByRole("alert").getByText("You are offline, and TensorFlow.js is not on this device yet.").waitFor();
    await page.context().setOffline(false);
    await trained(page);
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});

test("on a host without headers, the second visit is isolated", async () => {
  const headers = { "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" };
  await open({ headers }, async (page) => {
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });
});
