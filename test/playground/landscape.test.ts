// The page used as a person would: the landscape's numbers are those of core, and nothing breaks it.
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import type { RMSpropOptions } from "rmsprop";
import { beforeAll, describe, expect, test } from "vitest";
import type { SurfaceName } from "../../playground/src/landscape/surfaces.js";
import { coreNumbers, numbersOf, playToEnd, shows, step } from "./landscape-page.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

/** Types into a control, and leaves it. */
async function fill(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).fill(text);
  await page.locator(selector).blur();
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

  test("all is drawn at once, the mark is in the address, and neither a reload nor another tab loses it", async () => {
    await open({ fragment: "tab=landscape" }, async (page) => {
      await page.waitForSelector("#numbers td[data-value]");
      expect(await numbersOf(page, 0)).toEqual(coreNumbers({ learningRate: 0.05 }, "ravine", 120));
      expect(await shows(page, ".map div canvas", "--run0")).toBe(true);
      await page.getByLabel("Step that is marked").fill("40");
      await page.waitForURL(/at=40/);
      const there = coreNumbers({ learningRate: 0.05 }, "ravine", 40);
      await expect.poll(() => numbersOf(page, 0)).toEqual(there);
      await page.getByRole("tab", { name: "Code" }).click();
      await page.getByRole("tab", { name: "Landscape" }).click();
      await page.waitForSelector("#numbers td[data-value]");
      expect(await numbersOf(page, 0)).toEqual(there);
      await page.reload();
      await page.waitForSelector("#numbers td[data-value]");
      expect(await numbersOf(page, 0)).toEqual(there);
      await page.locator("#run0-learningRate").fill("0.1");
      await page.locator("#run0-learningRate").blur();
      await expect.poll(() => numbersOf(page, 0)).toEqual(coreNumbers({ learningRate: 0.1 }, "ravine", 40));
    });
  });

  test("an option that is changed is in the address, and the address brings it back", async () => {
    await open({ fragment: "tab=landscape" }, async (page) => {
      await page.locator("#run0-rho").fill("0.5");
      await page.locator("#run0-rho").blur();
      await page.locator("#run0-centered").check();
      await page.waitForURL(/rmsprop%7Erho%3A0.5%7Ecentered%3Atrue/);
      await page.reload();
      expect(await page.locator("#run0-rho").inputValue()).toBe("0.5");
      expect(await page.locator("#run0-centered").isChecked()).toBe(true);
    });
  });

  test("name and the lists of a schedule are controls, and the address brings them back", async () => {
    await open({ fragment: "tab=landscape" }, async (page) => {
      await fill(page, "#run0-name", "mine ~ : % ünï");
      await page.locator("#run0-schedule").selectOption("PiecewiseConstantDecay");
      await fill(page, "#run0-boundaries", "2, 4");
      await fill(page, "#run0-values", "0.5 0.25,0.125");
      await page.waitForURL(/0.5%2C0.25%2C0.125/);
      await page.reload();
      expect(await page.locator("#run0-name").inputValue()).toBe("mine ~ : % ünï");
      expect(await page.locator("#run0-boundaries").inputValue()).toBe("2, 4");
      expect(await page.locator("#run0-values").inputValue()).toBe("0.5, 0.25, 0.125");
      await page.getByRole("rowheader", { name: "1. mine ~ : % ünï" }).waitFor();
      await page.locator("#inside").selectOption("learning rate");
      await step(page, 0);
      // The number of the next step.
      for (const rate of ["0.5", "0.5", "0.25", "0.25", "0.125"]) {
        await page.getByRole("button", { name: "Step", exact: true }).click();
        await page.locator(`[aria-valuetext*="ünï: ${rate};"]`).waitFor();
      }
    });
  });

  test("a list that makes no sense is put back, and one of a wrong length shows the package's message", async () => {
    await open(
      { fragment: "run=rmsprop~schedule:PiecewiseConstantDecay~boundaries:2,4~values:1,2,3" },
      async (page) => {
        await fill(page, "#run0-values", "1, two");
        expect(await page.locator("#run0-values").inputValue()).toBe("1, 2, 3");
        await fill(page, "#run0-values", "1, 2");
        await page.getByRole("alert").getByText("values must be 3 numbers").waitFor();
      },
    );
  });

  test("an option that the package refuses shows its message, and the other optimizers go on", async () => {
    await open({ fragment: "run=rmsprop~rho:2&run=sgd" }, async (page) => {
      await page.getByRole("alert").getByText("rho must be").waitFor();
      await page.waitForSelector("#numbers tr:nth-child(2) td[data-value]");
      await step(page, 0);
      const before = await numbersOf(page, 1);
      await step(page, 1);
      expect(await numbersOf(page, 1)).not.toEqual(before);
    });
  });

  test.each([
    "tab=<script>&surface=__proto__&speed=1e9&run=constructor&run=rmsprop~rho:NaN~constructor:1~x",
    "tab=landscape&%E0%A4%A&&&===",
    `run=${"a".repeat(10_000)}`,
    "run=sgd&run=sgd&run=sgd&run=sgd&run=sgd",
  ])("an address with nonsense, %.40s, opens the tab", async (fragment) => {
    await open({ fragment }, async (page) => {
      if (!fragment.includes("%")) await page.getByText("Some settings in this link were ignored").waitFor();
      await step(page, 1);
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
    await open({ fragment: "tab=landscape", context: { colorScheme } }, async (page) => {
      await playToEnd(page);
      await page.screenshot({ path: `${SHOTS}/landscape-${colorScheme}.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
      await page.getByRole("tab", { name: "Landscape" }).focus();
      await page.keyboard.press("End");
      await page.getByText("Python, Keras").first().waitFor();
      await page.screenshot({ path: `${SHOTS}/code-${colorScheme}.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
    });
  });

  test("a run that overflows leaves the curve of the other one in sight", async () => {
    const fragment = "surface=rosenbrock&speed=20&until=120&run=rmsprop&run=sgd~learningRate:0.18";
    await open({ fragment }, async (page) => {
      await playToEnd(page);
      expect((await numbersOf(page, 1)).every(Number.isFinite)).toBe(false);
      expect((await numbersOf(page, 0)).every(Number.isFinite)).toBe(true);
      expect(await shows(page, ".chart canvas", "--run0")).toBe(true);
    });
  });

  test("the inner view is in the address, and the address brings it back", async () => {
    await open({ fragment: "tab=landscape" }, async (page) => {
      await page.locator("#inside").selectOption("effective step");
      await page.waitForURL(/inside=step/);
      await page.reload();
      expect(await page.locator("#inside").inputValue()).toBe("step");
      await page.getByText("effective step: x solid, y dashed").waitFor();
    });
  });

  test("the error of a folded optimizer is seen, and one that is added opens unfolded", async () => {
    await open({ fragment: "run=sgd&run=rmsprop~rho:1.5" }, async (page) => {
      const error = page.getByRole("alert").getByText("rho must be");
      await error.waitFor();
      expect(await page.locator(".run1 details").getAttribute("open")).toBe(null);
      expect(await page.locator("#run1-rho").isVisible()).toBe(false);
      expect(await error.isVisible()).toBe(true);
      await page.getByRole("button", { name: "Add an optimizer" }).click();
      await page.locator("#run2-rho").waitFor();
    });
  });

  test("preset, surface and Play are the first stops of Tab after the header", async () => {
    await open({ fragment: "tab=landscape" }, async (page) => {
      await page.waitForSelector("#numbers td[data-value]");
      await page.getByRole("link", { name: "Package" }).focus();
      const stops: string[] = [];
      for (let i = 0; i < 3; i++) {
        await page.keyboard.press("Tab");
        stops.push(
          await page.evaluate(() => document.activeElement?.id || (document.activeElement?.textContent ?? "")),
        );
      }
      expect(stops).toEqual(["preset", "surface", "Play"]);
    });
  });

  test.each([
    ["tab=landscape", ["−4", "4", "−2", "2"], ["start", "minimum", "1. RMSprop", "2. SGD"]],
    ["surface=saddle&run=rmsprop", ["−2", "2", "−1", "1"], ["start", "minimum", "minimum", "1. RMSprop"]],
    ["surface=slope&until=10&run=rmsprop&run=adam&run=lion&run=sgd", ["2"], ["start", "4. SGD"]],
  ])(
    "the map of %s has contour lines, axes, and names that do not cover each other",
    async (fragment, ticks, names) => {
      await open({ fragment }, async (page) => {
        await page.locator(".map .run0.name").waitFor({ state: "attached" });
        expect(await page.locator(".map .ground path").count()).toBe(10);
        const written = await page.locator(".map .map-axes text").allTextContents();
        expect(written).toEqual(expect.arrayContaining([...ticks, "weight x", "weight y"]));
        expect(await page.locator(".map text.name").allTextContents()).toEqual(expect.arrayContaining(names));
        const boxes = await page.locator(".map text.name").evaluateAll((found) =>
          found.map((one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect();
            return { left, right, top, bottom };
          }),
        );
        // Below a line of text there is room of its own.
        const meets = (a: (typeof boxes)[number], b: (typeof boxes)[number]) =>
          a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom;
        const covered = boxes.filter((a, i) => boxes.slice(i + 1).some((b) => meets(a, b)));
        expect(covered).toEqual([]);
      });
    },
  );

  test("the map reads the loss under the mouse, and where arrow keys lead", async () => {
    await open({ fragment: "tab=landscape&surface=rosenbrock" }, async (page) => {
      await page.waitForSelector("#numbers td[data-value]");
      const { width = 0, height = 0 } = (await page.locator(".map").boundingBox()) ?? {};
      await page.locator(".map").hover({ position: { x: width / 2, y: height / 2 } });
      await page.getByText(/^x −?[\d.e−]+, y (0\.9|1)[\d.]*, loss \d+/).waitFor();
      const point = page.getByRole("slider", { name: "Point of the map: arrow keys move it" });
      await point.focus();
      await page.keyboard.press("Shift+ArrowRight");
      await page.keyboard.press("ArrowDown");
      await expect.poll(() => point.getAttribute("aria-valuetext")).toMatch(/^x 0\.25, y 0\.97, loss 82\.92/);
      await page.getByText("x 0.25, y 0.97, loss 82.92").waitFor();
    });
  });

  test("a noisy run is drawn so that one sees through it", async () => {
    const fragment = "surface=noisy&speed=20&until=400&run=rmsprop~learningRate:0.5~useEma:true";
    await open({ fragment }, async (page) => {
      await playToEnd(page);
      const opaque = await page.$$eval(".map div canvas", (canvases) =>
        canvases.map((canvas) => {
          // They are the canvases of the paths.
          const { width, height } = canvas as HTMLCanvasElement;
          const data = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
          const alphas = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3] ?? 0).filter(Boolean);
          return [alphas.length, alphas.filter((alpha) => alpha > 230).length / alphas.length] as const;
        }),
      );
      const [[drawn, share] = [0, 1], [, average] = [0, 0]] = opaque;
      expect(drawn).toBeGreaterThan(1000);
      expect(share).toBeLessThan(0.1);
      expect(average).toBeGreaterThan(0.5);
    });
  });

  test("on a phone preset and surface are above the map, and the map stays in sight while options are edited", async () => {
    const context = { viewport: { width: 360, height: 740 }, hasTouch: true };
    await open({ fragment: "tab=landscape", context }, async (page) => {
      await step(page, 3);
      const boxOf = async (selector: string) => {
        const box = await page.locator(selector).first().boundingBox();
        if (!box) throw new Error(`nothing is shown of ${selector}`);
        return { top: box.y, bottom: box.y + box.height };
      };
      const tops: number[] = [];
      for (const selector of ["#preset", "#surface", ".map", "#run0-kind", ".chart"])
        tops.push((await boxOf(selector)).top);
      expect(tops).toEqual(tops.toSorted((a, b) => a - b));
      for (const option of ["#run0-rho", "#run0-gradientAccumulationSteps"]) {
        await page.locator(option).focus();
        const [map, input] = [await boxOf(".map"), await boxOf(option)];
        expect(map.top).toBeGreaterThanOrEqual(0);
        expect(map.bottom).toBeLessThanOrEqual(input.top);
        expect(input.bottom).toBeLessThanOrEqual(740);
      }
    });
  });

  test("a phone shows it without scrolling sideways", async () => {
    const context = { viewport: { width: 360, height: 740 }, hasTouch: true };
    await open({ fragment: "tab=landscape", context }, async (page) => {
      await step(page, 5);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${SHOTS}/phone.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
    });
  });
});
