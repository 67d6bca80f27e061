// BackupAndRestore in a page: backups in IndexedDB, callbacks in a bundle, and a page that is loaded anew.
import { expect, test } from "vitest";
import { useChromium } from "./page.js";

const open = useChromium();

test("a fit that ended with its page goes on in the next one, and ends with the bits of one that did not", async () => {
  const { whole, interrupted, resumed, left } = await open({ page: "tfjs" }, async (page) => {
    const run = (name: string, throwIn: number | null) =>
      page.evaluate(
        async ([name, throwIn]) => {
          await window.start("cpu");
          return window.fitWithBackups(name, throwIn);
        },
        [name, throwIn] as const,
      );
    const whole = await run("whole", null);
    const interrupted = await run("run", 5);
    await page.reload();
    await page.waitForFunction(() => document.title === "ready");
    const resumed = await run("run", null);
    const left = await page.evaluate(async () => {
      const request = indexedDB.open("rmsprop-backups");
      const database = await new Promise<IDBDatabase>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
      const keys = database.transaction("files").objectStore("files").getAllKeys();
      return new Promise<unknown[]>((resolve) => {
        keys.onsuccess = () => resolve(keys.result);
      });
    });
    return { whole, interrupted, resumed, left };
  });
  expect(whole.epochs).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(interrupted.epochs).toBeNull();
  expect(resumed.epochs).toEqual([5, 6, 7]);
  expect(resumed.weights).toEqual(whole.weights);
  // What is saved after SwapEMAWeights are the averages, with which fit ends.
  expect([whole.saved, resumed.saved]).toEqual([whole.weights, whole.weights]);
  expect(left).toEqual([]);
});
