// The tab Digits as it opens: it trains by itself, SGD fails on its images, and what is shown of the run is the optimizer's own.
import type * as tf from "@tensorflow/tfjs-core";
import type { Page } from "playwright-core";
import { type Optimizer, RMSprop, SGD } from "rmsprop/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { splitDigits } from "../../examples/digits/data.js";
import { loadDigits } from "../../examples/digits/load.js";
import { createModel } from "../../examples/digits/model.js";
import { type Run, train as trainInNode } from "../../examples/digits/train.js";
import { startWasmBackend } from "../../examples/shared/backend.js";
import { draw, historyOf, trained } from "./digits.js";
import { usePage } from "./page.js";

const open = usePage();
beforeAll(async () => {
  await startWasmBackend();
});

const COURSE = { epochs: 3, batchSize: 64, seed: 2 };
const WORDS = "tab=digits&epochs=3&batchSize=64&seed=2";
const STUCK = { pixel: 7, ink: 30 };

/** The same run by what `npm start` runs, on images whose pixel is stuck; `look` sees the optimizer at its end. */
async function runInNode<T>(optimizer: tf.Optimizer, look: (model: tf.Variable[]) => T): Promise<Run & { seen: T }> {
  const data = loadDigits();
  const pixels = data.pixels.map((ink, i) => (i % 64 === STUCK.pixel ? STUCK.ink : ink));
  const model = createModel(COURSE.seed, optimizer);
  const watcher = { onStep: () => undefined, onEpoch: () => undefined };
  const run = await trainInNode(model, splitDigits({ ...data, pixels }, COURSE.seed), COURSE, watcher);
  const seen = look(model.weights.map((weight) => weight.read() as tf.Variable));
  model.dispose();
  optimizer.dispose();
  return { ...run, seen };
}

/** The numbers that a picture of the first contestant is drawn from. */
const valuesOf = (page: Page, selector: string): Promise<number[]> =>
  page.$$eval(`.inside.run0 ${selector}`, (found) => found.map((each) => Number((each as SVGElement).dataset.value)));

/** η ∕ √(v + ε) of a variable, by Keras' formula. */
function ratesOf(optimizer: Optimizer, variable: tf.Variable | undefined): number[] {
  const velocity = optimizer.variables.find(({ slot, of }) => slot === "velocity" && of === variable);
  if (!velocity) throw new Error("there is no velocity");
  return [...velocity.value].map((v) => 0.001 / Math.sqrt(v + 1e-7));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[sorted.length / 2 - 1] ?? 0) + (sorted[sorted.length / 2] ?? 0)) / 2;
}

describe("inside the run", () => {
  test.each([1280, 320])(
    "the axis of the histogram has a title, and labels that do not touch, at %i px",
    async (width) => {
      await open({ fragment: "tab=digits&epochs=1", context: { viewport: { width, height: 800 } } }, async (page) => {
        await trained(page);
        const histogram = page.locator(".run0 .histogram");
        await histogram.getByText("Number of weights by effective learning rate, logarithmic").waitFor();
        const boxes = await Promise.all(
          (await histogram.locator(".ticks span").all()).map((tick) => tick.boundingBox()),
        );
        const shown = boxes.filter((box) => box !== null);
        expect(shown.length).toBeGreaterThan(2);
        for (const [i, { x }] of shown.slice(1).entries())
          expect(x).toBeGreaterThan((shown[i]?.x ?? 0) + (shown[i]?.width ?? 0));
      });
    },
  );

  test("the map and the histogram are of the slots that the same run in Node has", async () => {
    const optimizer = new RMSprop();
    const { seen: kernels } = await runInNode(optimizer, (weights) => weights.map((w) => ratesOf(optimizer, w)));
    await open({ fragment: WORDS }, async (page) => {
      await trained(page);
      const map = await valuesOf(page, ".pixel-map rect");
      const rows = Array.from({ length: 64 }, (_, pixel) => kernels[0]?.slice(pixel * 128, (pixel + 1) * 128) ?? []);
      expect(map).toHaveLength(64);
      map.forEach((rate, pixel) => {
        expect(rate / median(rows[pixel] ?? [])).toBeCloseTo(1, 6);
      });
      expect(map.indexOf(Math.min(...map))).toBe(STUCK.pixel);
      const counted = async (layer: number): Promise<number> =>
        (await valuesOf(page, `.histogram rect.layer${layer}`)).reduce((sum, count) => sum + count, 0);
      expect([await counted(0), await counted(1)]).toEqual([8320, 1290]);
      const all = kernels.flat();
      const bins = new Set(all.map((rate) => Math.floor(Math.log10(rate) * 4 + 1e-6)));
      const drawn = await page.$$eval(
        ".inside.run0 .histogram rect",
        (rects) => new Set(rects.map((rect) => rect.getAttribute("x"))).size,
      );
      expect(drawn).toBe(bins.size);
      await page.getByText("All 9,610 weights have the same rate: 0.01.").waitFor();
    });
  });

  test("changes while it learns", async () => {
    await open({ fragment: "tab=digits&epochs=400" }, async (page) => {
      await page.locator(".inside.run0 .pixel-map").waitFor({ timeout: 30_000 });
      const before = await valuesOf(page, ".pixel-map rect");
      await page.waitForFunction(
        ([rate]) =>
          Number(document.querySelector<SVGElement>(".inside.run0 .pixel-map rect:nth-child(30)")?.dataset.value) !==
          rate,
        [before[29]],
      );
    });
  });

  test("says why there are none", async () => {
    await open({ fragment: `${WORDS}&one=lion~learningRate:0.0003&two=tfadam~learningRate:0.001` }, async (page) => {
      await page.getByText("Lion steps by the sign of the gradient").waitFor();
      await page.getByText("TensorFlow.js' own optimizers keep their state to themselves.").waitFor();
      expect(await page.locator(".histogram").count()).toBe(0);
    });
  });
});

describe("the contest that the tab opens with", () => {
  test("is trained without a click, and SGD makes more than twice the errors of RMSprop", async () => {
    await open({ fragment: "tab=digits" }, async (page) => {
      await trained(page);
      const lastError = async (i: number): Promise<number> => 1 - ((await historyOf(page, i)).at(-1)?.[2] ?? 0);
      const [ours, theirs] = [await lastError(1), await lastError(2)];
      expect(ours).toBeLessThan(0.06);
      expect(theirs).toBeGreaterThan(2 * ours);
    });
  });

  test("has the curve of the same run in Node, in every bit; at the rate for clean images SGD learns nothing", async () => {
    const { epochs } = await runInNode(new SGD({ learningRate: 0.1 }), () => null);
    await open({ fragment: `${WORDS}&two=sgd~learningRate:0.1` }, async (page) => {
      await trained(page);
      const rows = await historyOf(page, 2);
      expect(rows.slice(1).map((row) => row.slice(0, 3))).toEqual(
        epochs.map(({ training, heldOut }) => [training.loss, heldOut.loss, heldOut.accuracy]),
      );
      expect(rows.at(-1)?.[2]).toBeLessThan(0.2);
    });
  });

  test("is on a page that shows a guess which changes while it learns, and none of an untrained network", async () => {
    await open({ fragment: "tab=digits&epochs=400" }, async (page) => {
      await page.waitForFunction(() => /says?/.test(document.querySelector("#guess")?.textContent ?? ""), undefined, {
        timeout: 30_000,
      });
      const told = () => page.locator("#prediction").textContent();
      const before = await told();
      await page.waitForFunction((text) => document.querySelector("#prediction")?.textContent !== text, before);
      await page.getByRole("button", { name: "Reset" }).click();
      await page.getByText("The networks are not trained yet.").waitFor();
      await draw(page, [
        [0.5, 0.1],
        [0.5, 0.9],
      ]);
      await page.getByText("The networks are not trained yet.").waitFor();
      expect(await page.locator("#prediction td[data-value]").count()).toBe(0);
    });
  });

  test("can be trained again after its last epoch, from the start", async () => {
    await open({ fragment: WORDS }, async (page) => {
      await trained(page);
      const before = await historyOf(page, 1);
      await page.getByRole("button", { name: "Train again" }).click();
      await page.getByText(/^Epoch [0-2] of 3/).waitFor();
      await trained(page);
      expect(await historyOf(page, 1)).toEqual(before);
    });
  });
});

describe("the layout", () => {
  test("has nothing on top of each other, at any width, and the drawing first", async () => {
    await open({ fragment: WORDS }, async (page) => {
      await trained(page);
      for (const width of [320, 390, 600, 801, 820, 850, 904, 1000, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        const [wide, overlapping, top] = await page.evaluate(() => {
          const boxes = ["#drawing", "#preview", "#guess", ".training", "#prediction", ".digits .chart", "#scores"].map(
            (selector) => [selector, document.querySelector(selector)?.getBoundingClientRect()] as const,
          );
          const pairs = boxes.flatMap(([a, one], i) =>
            boxes.slice(i + 1).flatMap(([b, two]) => {
              if (!one || !two) return [`${a} or ${b} is missing`];
              const isApart =
                one.right <= two.left + 1 ||
                two.right <= one.left + 1 ||
                one.bottom <= two.top + 1 ||
                two.bottom <= one.top + 1;
              return isApart ? [] : [`${a} and ${b}`];
            }),
          );
          return [document.documentElement.scrollWidth, pairs, boxes[0]?.[1]?.top ?? 0] as const;
        });
        expect({ width, wide, overlapping }).toEqual({ width, wide: width, overlapping: [] });
        expect(top).toBeLessThan(480);
      }
    });
  });

  test.each(["explain", "landscape", "digits", "speed", "code"])("of %s fits 320 pixels", async (tab) => {
    const context = { viewport: { width: 320, height: 700 } };
    await open({ fragment: `tab=${tab}`, context }, async (page) => {
      await page.locator(`#tab-${tab}[aria-selected=true]`).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    });
  });
});
