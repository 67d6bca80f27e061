// Every preset, played to its end: what it is there to show can be seen.
import { mkdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { PRESETS } from "../../playground/src/settings.js";
import { numbersOf, playToEnd, stepsOf } from "./landscape-page.js";
import { usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

/** Where each run ended: x, y and loss; then its average, if it has one; and the dots on the map, by their classes. */
interface End {
  readonly numbers: readonly (readonly number[])[];
  readonly dots: readonly string[];
}

const lossOf = ({ numbers }: End, run: number): number => numbers[run]?.[2] ?? Number.NaN;

const SHOWN: Readonly<Record<string, (end: End) => void>> = {
  "Ravine: RMSprop and SGD": (end) => {
    expect(lossOf(end, 0)).toBeLessThan(1e-6);
    expect(lossOf(end, 1)).toBeGreaterThan(1e-3);
  },
  // SGD with momentum and Lion are in the valley; RMSprop without momentum is still on its way.
  "Four of Keras in Rosenbrock's valley": (end) => {
    expect(lossOf(end, 0)).toBeLessThan(0.1);
    expect(lossOf(end, 1)).toBeGreaterThan(1);
    expect(lossOf(end, 2)).toBeLessThan(lossOf(end, 1));
    expect(lossOf(end, 3)).toBeLessThan(0.5);
  },
  "Momentum in Rosenbrock's valley": (end) => {
    expect(lossOf(end, 0)).toBeGreaterThan(1);
    expect(lossOf(end, 1)).toBeLessThan(0.05);
  },
  // Without a clip the point is thrown out of the map, and still on its way back; with it, it is in the valley.
  "Clipping on the cliff": (end) => {
    expect(end.numbers[0]?.[0]).toBeLessThan(-2);
    expect(lossOf(end, 0)).toBeGreaterThan(1);
    expect(lossOf(end, 1)).toBeLessThan(1e-3);
  },
  "Centered at slope 11": (end) => {
    expect(end.numbers.map((numbers) => numbers.some(Number.isNaN))).toEqual([false, true, true]);
    expect(end.numbers[0]?.every(Number.isFinite)).toBe(true);
    // What is outside of the map is told by a hollow dot, and NaN has none.
    expect(end.dots).toEqual(["dot run0 outside"]);
  },
  "Averaging the noisy bowl": (end) => {
    // The row of the average is below those of the runs.
    const distanceOf = (run: number): number => Math.hypot(...(end.numbers[run]?.slice(0, 2) ?? [Number.NaN]));
    expect(distanceOf(1)).toBeLessThan(0.2 * distanceOf(0));
    expect(end.dots).toEqual(["dot run0", "dot run0 average"]);
  },
  "Accumulating noisy gradients": (end) => {
    expect(lossOf(end, 1)).toBeLessThan(0.1 * lossOf(end, 0));
  },
  "A schedule comes to rest": (end) => {
    expect(lossOf(end, 1)).toBeLessThan(0.1 * lossOf(end, 0));
  },
};

test("there is a test for every preset", () => {
  expect(Object.keys(SHOWN)).toEqual(Object.keys(PRESETS));
});

test.each(Object.entries(SHOWN))("the preset %s shows what its name says", async (name, check) => {
  const context = { viewport: { width: 1280, height: 900 } };
  await open({ fragment: "tab=landscape", context }, async (page) => {
    await page.getByLabel("Preset").selectOption(name);
    await page.getByLabel("Speed").selectOption("5");
    await playToEnd(page);
    expect(await stepsOf(page)).toBe(PRESETS[name]?.until);
    const rows = await page.locator("#numbers tbody tr").count();
    const numbers: number[][] = [];
    for (let row = 0; row < rows; row++) numbers.push(await numbersOf(page, row));
    const dots = await page.$$eval(".dot:not([hidden])", (found) =>
      found.map(({ className }) => className.trim().replace(/\s+/g, " ")),
    );
    await page.screenshot({ path: `${SHOTS}/preset-${name.replaceAll(/\W+/g, "-")}.png` });
    check({ numbers, dots });
  });
});
