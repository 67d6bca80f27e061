// The curves of the page: titles at their axes, a legend, and values at the pointer and by keys.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { short } from "../../playground/src/explain/story/format.js";
import { pathsWith } from "../../playground/src/explain/story/in-node.js";
import { at } from "../../playground/src/explain/story/paths.js";
import { drawn } from "./explain-page.js";
import { coreNumbers, playToEnd } from "./landscape-page.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const FRAGMENT = "tab=landscape&until=40";

/** Notes what is written on canvases, where the titles of axes are. */
function noteTexts(): void {
  const texts = new Set<string>();
  Object.assign(window, { texts });
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    texts.add(text);
    fillText.call(this, text, ...rest);
  };
}

function writtenTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => [...(window as unknown as { texts: Set<string> }).texts]);
}

const lossAt = (steps: number): number => coreNumbers({ learningRate: 0.05 }, "ravine", steps)[2] ?? Number.NaN;
const legend = (page: Page): Promise<string[]> => page.locator(".curves").first().locator("li").allInnerTexts();
const losses = (page: Page) => page.getByRole("slider", { name: "Curves of Loss, by step" });

test("both axes have titles, and the legend has each curve with its last value", async () => {
  await open({ fragment: FRAGMENT, init: noteTexts }, async (page) => {
    await playToEnd(page);
    expect(await writtenTexts(page)).toEqual(expect.arrayContaining(["step", "loss", "velocity"]));
    const [at, rmsprop, sgd] = await legend(page);
    expect(at).toBe("step 40");
    expect(rmsprop).toMatch(/^1\. RMSprop/);
    expect(Number(rmsprop?.split(" ").at(-1))).toBe(Number(lossAt(40).toPrecision(4)));
    expect(sgd).toMatch(/^2\. SGD/);
    expect(await seriousIssues(page)).toEqual([]);
  });
});

test("the pointer shows the values under it, until it leaves", async () => {
  await open({ fragment: FRAGMENT }, async (page) => {
    await playToEnd(page);
    const plot = page.locator(".chart .u-over").first();
    await plot.hover({ position: { x: 1, y: 20 } });
    await expect.poll(async () => (await legend(page))[0]).toBe("step 0");
    expect((await legend(page))[1]).toContain(String(Number(lossAt(0).toPrecision(4))));
    const before = await page.locator(".curves").first().locator("li").evaluateAll(lefts);
    const { width = 0 } = (await plot.boundingBox()) ?? {};
    await plot.hover({ position: { x: width / 2, y: 20 } });
    await expect.poll(async () => (await legend(page))[0]).toBe("step 20");
    expect(await page.locator(".curves").first().locator("li").evaluateAll(lefts)).toEqual(before);
    await page.mouse.move(0, 0);
    await expect.poll(async () => (await legend(page))[0]).toBe("step 40");
  });
});

function lefts(found: Element[]): number[] {
  return found.map((one) => one.getBoundingClientRect().left);
}

test("arrow keys, Home and End lead from step to step, and the values are read out", async () => {
  await open({ fragment: FRAGMENT }, async (page) => {
    await playToEnd(page);
    await losses(page).focus();
    for (const [key, step] of [
      ["Home", 0],
      ["ArrowRight", 1],
      ["PageUp", 5],
      ["ArrowLeft", 4],
      ["End", 40],
    ] as const) {
      await page.keyboard.press(key);
      const value = Number(lossAt(step).toPrecision(4));
      await expect
        .poll(() => losses(page).getAttribute("aria-valuetext"))
        .toContain(`step ${step}. 1. RMSprop: ${value};`);
      expect(await losses(page).getAttribute("aria-valuenow")).toBe(String(step));
    }
  });
});

test("in a run of many steps keys reach every single one", async () => {
  await open({ fragment: "tab=landscape&until=2000&speed=20" }, async (page) => {
    await playToEnd(page);
    await losses(page).focus();
    await page.keyboard.press("Home");
    for (let step = 1; step <= 7; step++) {
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => losses(page).getAttribute("aria-valuenow")).toBe(String(step));
    }
  });
});

test("at 320 px a chart with its legend fits", async () => {
  await open({ fragment: FRAGMENT, context: { viewport: { width: 320, height: 700 } } }, async (page) => {
    await playToEnd(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const rights = await page
      .locator(".curves li, .chart canvas")
      .evaluateAll((found) => found.map((one) => one.getBoundingClientRect().right));
    expect(Math.max(...rights)).toBeLessThanOrEqual(320);
  });
});

test.each(["light", "dark"] as const)(
  "on the first screen the mouse reads both losses, and the step stays, %s",
  async (colorScheme) => {
    await open({ context: { colorScheme } }, async (page) => {
      await drawn(page);
      const { width = 0 } = (await page.locator(".losses").boundingBox()) ?? {};
      for (const share of [0.3, 0.8]) {
        await page.locator(".losses").hover({ position: { x: share * width, y: 40 } });
        const said = await page.locator(".losses .at").textContent();
        const step = Number(said?.replace("loss after step ", ""));
        const { paths } = pathsWith({});
        expect(Math.abs(step - 400 * share)).toBeLessThan(25);
        expect(await page.locator(".losses dd").allTextContents()).toEqual([
          short(at(paths.rmsprop, "loss", step)),
          short(at(paths.sgd, "loss", step)),
        ]);
        await page.locator(".looked").waitFor({ state: "attached" });
      }
      expect(await page.locator("#step").textContent()).toBe("1");
      await page.screenshot({ path: `out/playground/reading-${colorScheme}.png` });
      await page.mouse.move(0, 0);
      await page.locator(".looked").waitFor({ state: "detached" });
      expect(await page.locator(".losses .at").textContent()).toBe("loss after step 1");
    });
  },
);
