// The service worker when the page is built anew: it keeps the new version whole, and nothing of the old one.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { builtFiles, listText, usePage } from "./page.js";

const COPY = "out/site-copy";
beforeAll(() => {
  rmSync(COPY, { recursive: true, force: true });
  cpSync("out/site", COPY, { recursive: true });
});
const open = usePage(`../${COPY}`);

/** What is kept, by the caches' names. */
function kept(page: Page): Promise<Record<string, string[]>> {
  return page.evaluate(async () => {
    const lists = (await caches.keys()).map(async (name) => {
      const requests = await (await caches.open(name)).keys();
      return [name, requests.map(({ url }) => new URL(url).pathname.slice(1))] as const;
    });
    return Object.fromEntries(await Promise.all(lists));
  });
}

test("a new version replaces the old one's files, but for those on demand that are the same", async () => {
  await open({}, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const old = builtFiles(COPY);
    const [onDemand = "", gone = ""] = old.later;
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    for (const file of [onDemand, gone])
      expect(await page.evaluate((file) => fetch(file).then((r) => r.ok), file)).toBe(true);
    const before = await kept(page);
    expect(Object.keys(before)).toEqual([`rmsprop-playground-${old.version}`]);
    expect(before[`rmsprop-playground-${old.version}`]).toEqual(expect.arrayContaining([...old.files, onDemand, gone]));

    const added = "assets/added-00000000.js";
    writeFileSync(`${COPY}/${added}`, "// new\n");
    const removed = old.files.find((file) => file.includes("worker")) ?? "";
    const files = [...old.files.filter((file) => file !== removed), added];
    const next = { version: "next", files, later: old.later.filter((file) => file !== gone) };
    writeFileSync(`${COPY}/files.js`, listText(next));
    await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
    await expect
      .poll(async () => Object.keys(await kept(page)), { timeout: 20_000 })
      .toEqual(["rmsprop-playground-next"]);
    const after = (await kept(page))["rmsprop-playground-next"] ?? [];
    expect(after).toEqual(expect.arrayContaining([...files, onDemand]));
    expect(after).not.toContain(removed);
    expect(after).not.toContain(gone);
  });
});
