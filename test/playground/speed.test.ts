// The tab Speed: it finds what the browser has, says what is missing, and its bars hold together.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();

async function measure(page: Page): Promise<Map<string, number>> {
  await page.getByRole("button", { name: "Measure this machine" }).click();
  await page.getByText("Measured.", { exact: true }).waitFor({ timeout: 120_000 });
  return barsOf(page);
}

async function barsOf(page: Page): Promise<Map<string, number>> {
  const rows = await page.$$eval("#bars tbody tr", (found) =>
    found.map(
      (row) =>
        [row.querySelector("th span")?.textContent ?? "", Number(row.querySelector("td")?.dataset.value)] as const,
    ),
  );
  return new Map(rows);
}

/** What was measured fastest of those whose names begin so, WebGPU aside. */
function least(bars: ReadonlyMap<string, number>, start: string): number {
  const times = [...bars]
    .filter(([name]) => name.startsWith(start) && !name.includes("WebGPU"))
    .map(([, time]) => time);
  return Math.min(...times);
}

async function headline(page: Page): Promise<string> {
  return (await page.locator(".verdict").textContent()) ?? "";
}

test("measures JavaScript, WebAssembly by threads, WebGPU, and the limits of the same traffic", async () => {
  await open({ fragment: "tab=speed" }, async (page) => {
    await page.getByText("WebAssembly SIMD: yes.").waitFor();
    await page.getByText("Threads: yes.").waitFor();
    await page.getByLabel("with TensorFlow.js").uncheck();
    const bars = await measure(page);
    const threads = await page.evaluate(() => navigator.hardwareConcurrency);
    expect([...bars.keys()]).toContain("JavaScript loop");
    expect(bars.has("rmsprop, WebAssembly, 2 threads")).toBe(threads >= 2);
    const [ours, scalar] = [bars.get("rmsprop, WebAssembly, 1 thread"), bars.get("JavaScript loop")];
    expect(ours).toBeLessThan(scalar ?? 0);
    expect([...bars.values()].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    const [loop, fast, limit] = [
      scalar ?? 0,
      least(bars, "rmsprop, WebAssembly"),
      least(bars, "limit: the same traffic"),
    ];
    expect(await headline(page)).toMatch(
      /^[\d.]+ times as fast as a JavaScript loop; \d+% of what your memory allows\.$/,
    );
    const [times, percent] = (await headline(page)).match(/[\d.]+(?= times|%)/g)?.map(Number) ?? [];
    expect((times ?? 0) / (loop / fast)).toBeCloseTo(1, 1);
    expect(percent).toBe(Math.round(100 * Math.min(1, limit / fast)));
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

test("TensorFlow.js is loaded from this site when one measures, leads the sentence, and works offline from then on", async () => {
  await open({ fragment: "tab=speed", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const urls: string[] = [];
    page.context().on("request", (request) => urls.push(request.url()));
    const names = ["tf.train.rmsprop, wasm backend", "rmsprop/tfjs, wasm backend"];
    const bars = await measure(page);
    expect([...bars.keys()]).toEqual(expect.arrayContaining(names));
    expect(bars.get(names[1] ?? "")).toBeLessThan(bars.get(names[0] ?? "") ?? 0);
    expect(await headline(page)).toMatch(
      /^[\d.]+ times as fast as tf\.train\.rmsprop; \d+% of what your memory allows\.$/,
    );
    expect(urls.some((url) => url.endsWith(".wasm"))).toBe(true);
    expect(urls.filter((url) => new URL(url).origin !== new URL(page.url()).origin)).toEqual([]);
    await page.screenshot({ path: "out/playground/speed-tfjs.png", fullPage: true });
    await page.context().setOffline(true);
    await page.reload();
    expect([...(await measure(page)).keys()]).toEqual(expect.arrayContaining(names));
  });
});

test("offline, TensorFlow.js that was never loaded is told to be missing, and the rest is measured", async () => {
  await open({ fragment: "tab=speed", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await page.reload();
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

const LINK =
  "tab=speed&measured=tftrain:13.5~tfjs:0.5~wasm1:0.8~wasm2:0.5~traffic2:0.49&machine=Firefox 150 on Linux, 8 threads";

test("a link shows the numbers that it was copied with, and says plainly that they are from elsewhere", async () => {
  await open({ fragment: LINK }, async (page) => {
    expect(await headline(page)).toBe("27 times as fast as tf.train.rmsprop; 98% of what its memory allows.");
    await page
      .getByText("came with the link. They were measured elsewhere: Firefox 150 on Linux, 8 threads.")
      .waitFor();
    const words = await page.locator("#bars tbody tr").evaluateAll((rows) => rows.map((row) => row.textContent));
    expect(words[0]).toContain("tf.train.rmsprop, wasm backend13.501.5");
    const widths = await page
      .locator("#bars tbody rect")
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
    const [tftrain = 0, tfjs = 0] = widths;
    expect(tfjs).toBeLessThan(tftrain);
    expect(await seriousIssues(page)).toEqual([]);
  });
});

test("what was measured stays when one leaves the tab, and its link shows the same bars to others", async () => {
  const measured = await open({ fragment: "tab=speed" }, async (page) => {
    await page.getByLabel("with TensorFlow.js").uncheck();
    const bars = await measure(page);
    const said = await headline(page);
    await page.getByText("Measured on this machine:").waitFor();
    await expect.poll(() => new URL(page.url()).hash).toContain("measured=");
    const link = new URL(page.url()).hash.slice(1);
    await page.getByRole("tab", { name: "Code" }).click();
    await expect.poll(() => new URL(page.url()).hash).not.toContain("machine=");
    await page.getByRole("tab", { name: "Speed" }).click();
    expect(await headline(page)).toBe(said);
    await page.getByText("Measured on this machine:").waitFor();
    return { bars, link };
  });
  await open({ fragment: measured.link }, async (page) => {
    await page.getByText("They were measured elsewhere:").waitFor();
    expect(await barsOf(page)).toEqual(measured.bars);
  });
});

test("a measurement goes on while another tab is shown", async () => {
  await open({ fragment: "tab=speed" }, async (page) => {
    await page.getByLabel("with TensorFlow.js").uncheck();
    await page.getByRole("button", { name: "Measure this machine" }).click();
    await page.waitForSelector("#bars tbody tr");
    await page.getByRole("tab", { name: "Code" }).click();
    await page.locator("pre").first().waitFor();
    await page.getByRole("tab", { name: "Speed" }).click();
    await page.getByText("Measured.", { exact: true }).waitFor({ timeout: 120_000 });
    expect((await barsOf(page)).size).toBeGreaterThan(3);
  });
});

test.each([
  [320, "light"],
  [390, "dark"],
] as const)("at %s px in %s nothing overflows, and no number is broken", async (width, colorScheme) => {
  await open({ fragment: LINK, context: { viewport: { width, height: 700 }, colorScheme } }, async (page) => {
    await page.locator("#bars").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const heights = await page.locator("#bars tbody td").evaluateAll((cells) =>
      cells.map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return range.getClientRects().length;
      }),
    );
    expect(new Set(heights)).toEqual(new Set([1]));
    expect(await seriousIssues(page)).toEqual([]);
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
      ...["JavaScript loop", "rmsprop, JavaScript", "limit: a copy of as many bytes"],
      ...["rmsprop, WebGPU", "limit: the same traffic, WebGPU"],
    ]);
    await page.getByText("TensorFlow.js was not measured.").waitFor();
    expect(await headline(page)).toMatch(
      /^Without WebAssembly, a step takes [\d.]+ times as long as your memory needs\.$/,
    );
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
