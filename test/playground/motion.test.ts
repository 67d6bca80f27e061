// How the landscape moves: by frames, in strides for those who asked for less motion, and not at all in a hidden tab.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { coreNumbers, numbersOf, playToEnd, shows, stepsOf } from "./landscape-page.js";
import { usePage } from "./page.js";

const open = usePage();

test("with less motion asked for, nothing moves by itself, and Play moves in strides", async () => {
  await open({ fragment: "until=100", context: { reducedMotion: "reduce" } }, async (page) => {
    await page.getByText("Play moves in strides of 20 steps").waitFor();
    await page.waitForSelector("#numbers td[data-value]");
    await page.evaluate(() => {
      const seen: [number, number][] = [];
      Object.assign(window, { seen });
      const steps = document.querySelector("#steps");
      const note = () => seen.push([Number.parseInt(steps?.textContent ?? "", 10), performance.now()]);
      if (steps) new MutationObserver(note).observe(steps, { childList: true, subtree: true, characterData: true });
    });
    await page.waitForTimeout(500);
    expect(await stepsOf(page)).toBe(100);
    await playToEnd(page);
    const seen = await page.evaluate(() => (window as unknown as { seen: [number, number][] }).seen);
    const firsts = [...new Map(seen.toReversed()).entries()].toReversed().filter(([steps]) => steps > 0);
    expect(firsts.map(([steps]) => steps)).toEqual([20, 40, 60, 80, 100]);
    const [first, last] = [firsts[0]?.[1] ?? 0, firsts.at(-1)?.[1] ?? 0];
    expect(last - first).toBeGreaterThan(1500);
  });
});

/** Counts what the page asks its workers. */
function countMessages(): void {
  const post = Worker.prototype.postMessage;
  Object.assign(window, { asked: 0 });
  Worker.prototype.postMessage = function (this: Worker, ...given: [unknown]) {
    (window as unknown as { asked: number }).asked++;
    post.apply(this, given);
  };
}

const askedOf = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { asked: number }).asked);

async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    Object.defineProperty(document, "visibilityState", { configurable: true, value: hidden ? "hidden" : "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test.each(["no-preference", "reduce"] as const)(
  "Play asks the worker for nothing, rests in a hidden tab, and goes on to the same end, motion %s",
  async (reducedMotion) => {
    const fragment = "run=rmsprop~momentum:0.5&until=1000&speed=5";
    await open({ fragment, init: countMessages, context: { reducedMotion } }, async (page) => {
      await page.waitForSelector("#numbers td[data-value]");
      const asked = await askedOf(page);
      await page.getByRole("button", { name: "Play" }).click();
      await page.waitForFunction(() => {
        const steps = Number.parseInt(document.querySelector("#steps")?.textContent ?? "", 10);
        return steps > 20 && steps < 1000;
      });
      await setHidden(page, true);
      await page.waitForTimeout(200);
      const steps = await stepsOf(page);
      await page.waitForTimeout(1500);
      expect(await stepsOf(page)).toBe(steps);
      expect(steps).toBeLessThan(1000);
      await setHidden(page, false);
      await page.getByText("The runs have ended.").waitFor({ state: "attached", timeout: 60_000 });
      expect(await numbersOf(page, 0)).toEqual(coreNumbers({ learningRate: 0.05, momentum: 0.5 }, "ravine", 1000));
      expect(await askedOf(page)).toBe(asked);
    });
  },
);

test("curves and paths follow a change from light to dark while the page is open", async () => {
  await open({ fragment: "tab=landscape", context: { colorScheme: "light" } }, async (page) => {
    await playToEnd(page);
    for (const scheme of ["light", "dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const canvas of [".map div canvas", ".chart canvas"]) {
        const message = `${canvas} in ${scheme}`;
        await expect.poll(() => shows(page, canvas, "--run0"), { timeout: 10_000, message }).toBe(true);
      }
    }
  });
});

test("prints what it takes: time to first drawing, and frames while training", async () => {
  const figures = await open({ fragment: "until=5000" }, async (page) => {
    await page.waitForSelector("#numbers td[data-value]");
    // The browser notes it after the page has told what it drew.
    const paint = await page.waitForFunction(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    );
    const first = await paint.jsonValue();
    await page.getByRole("button", { name: "Play" }).click();
    const frames = await page.evaluate(async () => {
      const times: number[] = [];
      for (let i = 0; i < 120; i++) times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
      return times.slice(1).map((time, i) => time - (times[i] ?? time));
    });
    return { first, frames: frames.sort((a, b) => a - b), steps: await stepsOf(page) };
  });
  const [median, longest] = [figures.frames[59], figures.frames.at(-1)];
  console.log(`first drawing ${figures.first} ms; frames: median ${median} ms, longest ${longest} ms`);
  expect(figures.first).toBeGreaterThan(0);
  expect(figures.steps).toBeGreaterThan(0);
});
