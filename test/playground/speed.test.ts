// The tab Speed: it finds what the browser has, says what is missing, and its bars hold together.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();

async function measure(page: Page): Promise<Map<string, number>> {
  await page.getByRole("button", { name: "Measure this machine" }).click();
  await page.getByText("Measured.", { exact: true }).waitFor({ timeout: 120_000 });
  const rows = await page.$$eval("#bars tbody tr", (found) =>
    found.map(
      (row) => [row.querySelector("th")?.textContent ?? "", Number(row.querySelector("td")?.dataset.value)] as const,
    ),
  );
  return new Map(rows);
}

test("measures JavaScript, WebAssembly by threads, WebGPU, and the limits of the same traffic", async () => {
  await open({ fragment: "tab=speed" }, async (page) => {
    await page.getByText("WebAssembly SIMD: yes.").waitFor();
    await page.getByText("Threads: yes.").waitFor();
    const bars = await measure(page);
    const threads = await page.evaluate(() => navigator.hardwareConcurrency);
    expect([...bars.keys()]).toContain("JavaScript loop");
    expect(bars.has("rmsprop, WebAssembly, 2 threads")).toBe(threads >= 2);
    const [ours, scalar] = [bars.get("rmsprop, WebAssembly, 1 thread"), bars.get("JavaScript loop")];
    expect(ours).toBeLessThan(scalar ?? 0);
    expect([...bars.values()].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    await page.screenshot({ path: "out/playground/speed.png", fullPage: true });
    expect(await seriousIssues(page)).toEqual([]);
  });
});

test("on a software adapter WebGPU is measured, and the page says what that is worth", async () => {
  await open({ fragment: "tab=speed" }, async (page) => {
    await page.getByText("WebGPU: yes.").waitFor();
    await page.getByText("software adapter, which computes on the processor").waitFor();
    const bars = await measure(page);
    expect(bars.get("rmsprop, WebGPU")).toBeGreaterThan(0);
    expect(bars.get("limit: the same traffic, WebGPU")).toBeGreaterThan(0);
  });
});

test("TensorFlow.js is loaded from this site when it is asked for, is measured, and works offline from then on", async () => {
  await open({ fragment: "tab=speed", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const urls: string[] = [];
    page.context().on("request", (request) => urls.push(request.url()));
    await page.getByLabel("Measure TensorFlow.js").check();
    const names = ["tf.train.rmsprop, wasm backend", "rmsprop/tfjs, wasm backend"];
    const bars = await measure(page);
    expect([...bars.keys()]).toEqual(expect.arrayContaining(names));
    expect(bars.get(names[1] ?? "")).toBeLessThan(bars.get(names[0] ?? "") ?? 0);
    expect(urls.some((url) => url.endsWith(".wasm"))).toBe(true);
    expect(urls.filter((url) => new URL(url).origin !== new URL(page.url()).origin)).toEqual([]);
    await page.screenshot({ path: "out/playground/speed-tfjs.png", fullPage: true });
    await page.context().setOffline(true);
    await page.reload();
    await page.getByLabel("Measure TensorFlow.js").check();
    expect([...(await measure(page)).keys()]).toEqual(expect.arrayContaining(names));
  });
});

test("offline, TensorFlow.js that was never loaded is told to be missing, and the rest is measured", async () => {
  await open({ fragment: "tab=speed", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await page.reload();
    await page.getByLabel("Measure TensorFlow.js").check();
    expect([...(await measure(page)).keys()]).toContain("rmsprop, WebAssembly, 1 thread");
    await page.getByText("TensorFlow.js was not measured.").waitFor();
  });
});

test("a measurement can be stopped, and started again", async () => {
  await open({ fragment: "tab=speed" }, async (page) => {
    await page.getByRole("button", { name: "Measure this machine" }).click();
    await page.waitForSelector("#bars tbody tr");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    expect((await measure(page)).size).toBeGreaterThan(0);
  });
});

test("a page that is not isolated says so, and measures one thread", async () => {
  const headers = { "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" };
  await open({ fragment: "tab=speed", headers }, async (page) => {
    await page.getByText("Threads: no.").waitFor();
    const bars = await measure(page);
    expect(bars.has("rmsprop, WebAssembly, 1 thread")).toBe(true);
    expect(bars.has("rmsprop, WebAssembly, 2 threads")).toBe(false);
  });
});

test("where the policy refuses WebAssembly, JavaScript is measured and the reason is told", async () => {
  const headers = { "content-security-policy": "script-src 'self'" };
  await open({ fragment: "tab=speed", headers, expected: /WebAssembly|unsafe-eval/ }, async (page) => {
    await page.getByText("The policy of this page refuses WebAssembly").waitFor();
    expect([...(await measure(page)).keys()]).toEqual([
      ...["JavaScript loop", "rmsprop, JavaScript", "rmsprop, WebGPU", "limit: the same traffic, WebGPU"],
    ]);
  });
});

test.each([
  ["is not offered", () => Object.defineProperty(navigator, "gpu", { value: undefined }), "does not offer it"],
  [
    "has no adapter",
    () => Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => null } }),
    "found no graphics adapter",
  ],
])("where WebGPU %s the page says so", async (_, init, reason) => {
  await open({ fragment: "tab=speed", init }, async (page) => {
    await page.getByText("WebGPU: no.").waitFor();
    await page.getByText(reason).waitFor();
  });
});
