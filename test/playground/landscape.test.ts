// The page used as a person would: the landscape's numbers are those of core, and nothing breaks it.
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { RMSprop, type RMSpropOptions, Variable } from "rmsprop";
import { beforeAll, describe, expect, test } from "vitest";
import { type SurfaceName, surfaceOf } from "../../playground/src/landscape/surfaces.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

/** What the table says of a run: x, y and loss, in full. */
async function numbersOf(page: Page, run: number): Promise<number[]> {
  return page.$$eval(`#numbers tbody tr:nth-child(${run + 1}) td`, (cells) =>
    cells.map((cell) => Number(cell.getAttribute("data-value"))),
  );
}

async function step(page: Page, count: number): Promise<void> {
  await page.waitForSelector("#numbers td[data-value]");
  for (let made = 1; made <= count; made++) {
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await page.getByText(`${made} steps`, { exact: true }).waitFor();
  }
}

/** The same steps with nothing but core. */
function coreNumbers(options: RMSpropOptions, surfaceName: SurfaceName, steps: number): number[] {
  const surface = surfaceOf(surfaceName);
  const [x, y] = [new Variable(surface.start.x), new Variable(surface.start.y)];
  const optimizer = new RMSprop(options);
  for (let i = 0; i < steps; i++) {
    const slope = surface.gradient({ x: x.item(), y: y.item() });
    const factor = options.lossScaleFactor ?? 1;
    optimizer.apply([slope.x * factor, slope.y * factor], [x, y]);
  }
  return [x.item(), y.item(), surface.loss({ x: x.item(), y: y.item() })];
}

const CASES: readonly (readonly [SurfaceName, RMSpropOptions])[] = [
  ["ravine", { learningRate: 0.05 }],
  ["rosenbrock", { learningRate: 0.01, momentum: 0.9, centered: true }],
  ["cliff", { learningRate: 0.1, globalClipnorm: 1, weightDecay: 0.1 }],
  ["saddle", { learningRate: 0.05, gradientAccumulationSteps: 3, useEma: true, emaOverwriteFrequency: 2 }],
  ["slope", { learningRate: 0.001, rho: 0.5, lossScaleFactor: 1024, clipvalue: 5 }],
];

describe("the landscape", () => {
  test.each(CASES)("on %s with %o has the numbers of core in Node, in every bit", async (surface, options) => {
    const own = Object.entries(options).map(([key, value]) => `~${key}:${value}`);
    const received = await open(
      { fragment: `tab=landscape&surface=${surface}&run=rmsprop${own.join("")}` },
      async (page) => {
        await step(page, 12);
        return numbersOf(page, 0);
      },
    );
    expect(received).toEqual(coreNumbers(options, surface, 12));
  });

  test("centered at slope 11, Keras' formula and tfjs' end in NaN and RMSprop goes on", async () => {
    await open({}, async (page) => {
      await page.getByLabel("Preset").selectOption("Centered at slope 11");
      await page.getByLabel("Steps a frame").selectOption("20");
      await page.getByRole("button", { name: "Play" }).click();
      await page.waitForFunction(() => Number.parseInt(document.querySelector("#steps")?.textContent ?? "", 10) >= 200);
      await page.getByRole("button", { name: "Pause" }).click();
      expect((await numbersOf(page, 0)).every(Number.isFinite)).toBe(true);
      expect((await numbersOf(page, 1)).every(Number.isNaN)).toBe(true);
      expect((await numbersOf(page, 2)).every(Number.isNaN)).toBe(true);
      await page.screenshot({ path: `${SHOTS}/slope.png`, fullPage: true });
    });
  });

  test("an option that is changed is in the address, and the address brings it back", async () => {
    await open({}, async (page) => {
      await page.locator("#run0-rho").fill("0.5");
      await page.locator("#run0-rho").blur();
      await page.locator("#run0-centered").check();
      await page.waitForURL(/rmsprop%7Erho%3A0.5%7Ecentered%3Atrue/);
      await page.reload();
      expect(await page.locator("#run0-rho").inputValue()).toBe("0.5");
      expect(await page.locator("#run0-centered").isChecked()).toBe(true);
    });
  });

  test("an option that the package refuses shows its message, and the other optimizers go on", async () => {
    await open({ fragment: "run=rmsprop~rho:2&run=sgd" }, async (page) => {
      await page.getByRole("alert").getByText("rho must be").waitFor();
      await page.waitForSelector("#numbers tr:nth-child(2) td[data-value]");
      const before = await numbersOf(page, 1);
      await page.getByRole("button", { name: "Step", exact: true }).click();
      await page.getByText("1 steps").waitFor();
      expect(await numbersOf(page, 1)).not.toEqual(before);
    });
  });

  test.each([
    "tab=<script>&surface=__proto__&speed=1e9&run=constructor&run=rmsprop~rho:NaN~constructor:1~x",
    "%E0%A4%A&&&===",
    `run=${"a".repeat(10_000)}`,
    "run=sgd&run=sgd&run=sgd&run=sgd&run=sgd",
  ])("an address with nonsense, %.40s, opens the page", async (fragment) => {
    await open({ fragment }, async (page) => {
      await step(page, 1);
      if (!fragment.startsWith("%")) await page.getByText("make no sense and were left out").waitFor();
    });
  });

  test("where the policy refuses WebAssembly, the numbers are the same", async () => {
    const received = await open(
      {
        fragment: "run=rmsprop",
        headers: { "content-security-policy": "script-src 'self'" },
        expected: /WebAssembly|unsafe-eval/,
      },
      async (page) => {
        await step(page, 3);
        return numbersOf(page, 0);
      },
    );
    expect(received).toEqual(coreNumbers({ learningRate: 0.05 }, "ravine", 3));
  });

  test.each(["light", "dark"] as const)("axe finds no serious issue in any tab, %s", async (colorScheme) => {
    await open({ context: { colorScheme } }, async (page) => {
      await page.getByRole("button", { name: "Play" }).click();
      await page.waitForFunction(() => Number.parseInt(document.querySelector("#steps")?.textContent ?? "", 10) >= 60);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.screenshot({ path: `${SHOTS}/landscape-${colorScheme}.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
      await page.getByRole("tab", { name: "Landscape" }).focus();
      await page.keyboard.press("ArrowLeft");
      await page.getByText("Python, Keras").first().waitFor();
      await page.screenshot({ path: `${SHOTS}/code-${colorScheme}.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
    });
  });

  test("a phone shows it without scrolling sideways", async () => {
    await open({ context: { viewport: { width: 360, height: 740 }, hasTouch: true } }, async (page) => {
      await step(page, 5);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${SHOTS}/phone.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
    });
  });

  test("prints what it takes: time to first drawing, and frames while training", async () => {
    const figures = await open({}, async (page) => {
      await page.waitForSelector("#numbers td[data-value]");
      const first = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
      await page.getByRole("button", { name: "Play" }).click();
      const frames = await page.evaluate(async () => {
        const times: number[] = [];
        for (let i = 0; i < 120; i++)
          times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
        return times.slice(1).map((time, i) => time - (times[i] ?? time));
      });
      return { first, frames: frames.sort((a, b) => a - b) };
    });
    console.log(
      `first drawing ${figures.first} ms; frames: median ${figures.frames[59]} ms, longest ${figures.frames.at(-1)} ms`,
    );
    expect(figures.first).toBeGreaterThan(0);
  });
});
