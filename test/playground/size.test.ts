// What is sent before a visitor asks for TensorFlow.js.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { builtFiles, usePage } from "./page.js";

const open = usePage();
const LIMIT = 200_000;
/** What is loaded on demand only. */
const LATER = "assets/later/";

test(`the page is less than ${LIMIT} bytes gzip`, () => {
  const first = [...builtFiles("out/site").files, "files.js", "sw.js"];
  const sizes = first.map((path) => ({ path, byteLength: gzipSync(readFileSync(`out/site/${path}`)).byteLength }));
  const total = sizes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  console.log(sizes.map(({ path, byteLength }) => `${path}: ${byteLength}`).join("\n"), `\ntotal: ${total}`);
  expect(first).toContain("index.html");
  expect(total).toBeLessThan(LIMIT);
});

// The tab Digits asks for it.
test("nothing of what is for later is loaded or kept before it is asked for", async () => {
  await open({}, async (page) => {
    const urls: string[] = [];
    page.on("request", (request) => urls.push(request.url()));
    await page.reload();
    for (const name of ["Landscape", "Speed", "Code", "Explain"]) await page.getByRole("tab", { name }).click();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const kept = await page.evaluate(async () => {
      const lists = (await caches.keys()).map(async (name) => (await caches.open(name)).keys());
      return (await Promise.all(lists)).flat().map(({ url }) => url);
    });
    expect(kept.length).toBeGreaterThan(5);
    expect([...urls, ...kept].filter((url) => url.includes(LATER))).toEqual([]);
  });
});
