// The tab Speed: it finds what the browser has, says what is missing, and its bars hold together.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();

async function measure(page: Page): Promise<Map<string, number>> {
  await page.getByRole("button", { name: "Measure this machine" }).click();
  await page.getByText("Measured.", { exact: true }).waitFor({ timeout: 50_000 });
  const rows = await page.$$eval("#bars tbody tr", (found) =>
    found.map(
      (row) => [row.querySelector("th")?.textContent ?? "", Number(row.querySelector("td")?.dataset.value)] as const,
    ),
  );
  return new Map(rows);
}

test("measures JavaScript, WebAssembly by threads, and the limit of the same traffic", async () => {
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
    expect([...(await measure(page)).keys()]).toEqual(["JavaScript loop", "rmsprop, JavaScript"]);
  });
});

test("without WebGPU the page says that it is missing", async () => {
  await open(
    { fragment: "tab=speed", init: () => Object.defineProperty(navigator, "gpu", { value: undefined }) },
    async (page) => {
      await page.getByText("WebGPU: no.").waitFor();
    },
  );
});
