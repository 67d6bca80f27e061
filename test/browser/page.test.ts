// The tests of pages can fail: whatever goes wrong in a page makes its test fail, and so does what was expected in vain.
import { expect, test } from "vitest";
import { useChromium } from "./page.js";

const open = useChromium();

const PROBLEMS: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["an error on the console", () => console.error("printed"), /console: printed/],
  [
    "an error that nobody catches",
    () => setTimeout(() => window.rmsprop.setEngine("x" as never)),
    /uncaught: RangeError/,
  ],
  ["a promise that is rejected", () => void Promise.reject(new Error("rejected")), /uncaught: Error: rejected/],
  ["a file that is missing", () => fetch("/missing.js").then(() => undefined), /status 404: .*missing\.js/],
  ["a server that cannot be reached", () => fetch("http://127.0.0.1:1").catch(() => undefined), /failed: http/],
];

test.each(PROBLEMS)("%s fails the test of its page, unless it is expected", async (_, cause, problem) => {
  const visit = (expected: readonly RegExp[]) =>
    open({ page: "core", expected }, async (page) => {
      await page.evaluate(cause);
      await page.waitForTimeout(300);
    });
  await expect(visit([])).rejects.toThrow(problem);
  await visit([problem, /^console: |^failed: |^uncaught: |^status /]);
});

test("an error that was expected and did not occur fails the test, too", async () => {
  await expect(open({ page: "core", expected: [/never/] }, async () => undefined)).rejects.toThrow("never");
});
