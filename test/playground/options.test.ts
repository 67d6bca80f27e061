// The pictures of the options: drawn at once when they come near, each with core's numbers and its own control.
import { mkdirSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { short } from "../../playground/src/explain/story/format.js";
import { at } from "../../playground/src/explain/story/paths.js";
import { surfaceOf } from "../../playground/src/landscape/surfaces.js";
import { toldOf } from "../../playground/src/options/in-node.js";
import { STORY_NAMES, type StoryName, storyOf } from "../../playground/src/options/stories.js";
import { NAN_PATH } from "../../playground/src/pages.js";
import { drawn } from "./explain-page.js";
import { numbersOf, playToEnd } from "./landscape-page.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

const pictureOf = (page: Page, name: StoryName): Locator =>
  page.locator(".option-picture").nth(STORY_NAMES.indexOf(name));

/** What a picture says, once it is drawn. */
async function saidBy(picture: Locator): Promise<string> {
  await picture.scrollIntoViewIfNeeded();
  await picture.locator(".run-line").nth(1).waitFor({ state: "attached" });
  return (await picture.locator(".sentence").textContent()) ?? "";
}

const textAt = (name: StoryName, place: number): string => storyOf(name).control.places[place] ?? "";
const initialOf = (name: StoryName): string => textAt(name, storyOf(name).control.initial);

/** What a picture should say, from core in Node. */
const expectedOf = (name: StoryName, chosen: string): string => storyOf(name).sentence(toldOf(name, chosen));

/** The legend of a picture: what it says after which step, and of each run. */
async function legendOf(picture: Locator): Promise<string[][]> {
  const rows = await picture.locator("dl > div").all();
  return Promise.all(rows.map(async (row) => (await row.locator("dt, dd").allTextContents()).map(String)));
}

/** What it should say, from core in Node. */
function legendAt(name: StoryName, step: number): string[][] {
  const [story, told] = [storyOf(name), toldOf(name, initialOf(name))];
  return [
    ["after step", String(step)],
    ...(["without", "with"] as const).map((run) => {
      const isAverage = run === "with" && story.average === true && step > 0;
      const [x, y] = (isAverage ? ["x_average", "y_average"] : ["x", "y"]).map((column) => at(told[run], column, step));
      if (story.view.kind === "chart")
        return [run, `${story.view.title} ${short(at(told[run], story.view.column, step))}`];
      const place = { x: x ?? Number.NaN, y: y ?? Number.NaN };
      const texts = Object.values(place).map((value) =>
        value
          .toFixed(3)
          .replace(/^-(?=0.000$)/, "")
          .replace("-", "−"),
      );
      return [run, `(${texts.join(", ")}), loss ${short(surfaceOf(story.surface).loss(place))}`];
    }),
  ];
}

async function surfaceBox(picture: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const surface = picture.locator(".option-map, .option-chart");
  await surface.scrollIntoViewIfNeeded();
  const box = await surface.boundingBox();
  if (!box) throw new Error("the picture is not shown");
  return box;
}

/** Counts what the page asks its workers for. */
function countWholeRuns(): void {
  const post = Worker.prototype.postMessage;
  Object.assign(window, { asked: [] });
  Worker.prototype.postMessage = function (this: Worker, ...given: [{ whole?: { surface: string } }]) {
    const surface = given[0].whole?.surface;
    if (surface) (window as unknown as { asked: string[] }).asked.push(surface);
    post.apply(this, given);
  };
}

describe("the pictures of the options", () => {
  test("are all drawn at once, and say what core computes in Node", async () => {
    await open({}, async (page) => {
      await drawn(page);
      for (const name of STORY_NAMES) {
        const picture = pictureOf(page, name);
        expect(await saidBy(picture)).toBe(expectedOf(name, initialOf(name)));
        expect(await picture.locator(".without .run-line, .with .run-line").count()).toBe(2);
      }
    });
  });

  test("wait for the first screen, and are computed when they come near", async () => {
    const context = { viewport: { width: 1280, height: 600 } };
    await open({ init: countWholeRuns, context }, async (page) => {
      await drawn(page);
      await page.waitForTimeout(500);
      const asked = (): Promise<string[]> => page.evaluate(() => (window as unknown as { asked: string[] }).asked);
      const [first, ...near] = await asked();
      expect(first).toBe("ravine");
      expect(near).not.toContain("faint");
      await saidBy(pictureOf(page, "loss_scale_factor"));
      expect(await asked()).toContain("faint");
    });
  });

  test("follow their sliders, by keys, too, and the address brings them back", async () => {
    await open({}, async (page) => {
      await drawn(page);
      const momentum = pictureOf(page, "momentum");
      await saidBy(momentum);
      const before = await momentum.locator(".with .run-line").getAttribute("d");
      await momentum.getByRole("slider", { name: "momentum", exact: true }).focus();
      await page.keyboard.press("Home");
      await expect.poll(() => saidBy(momentum)).toBe(expectedOf("momentum", textAt("momentum", 0)));
      expect(await momentum.locator(".with .run-line").getAttribute("d")).not.toBe(before);
      const centered = pictureOf(page, "centered");
      await centered.getByRole("checkbox").uncheck();
      await expect.poll(() => saidBy(centered)).toBe(expectedOf("centered", "off"));
      await pictureOf(page, "schedules").getByRole("combobox").selectOption("CosineDecayRestarts");
      await page.waitForURL(/option=momentum%3A0\.3&option=centered%3Aoff&option=schedules%3ACosineDecayRestarts/);
      await page.reload();
      await drawn(page);
      expect(await saidBy(momentum)).toBe(expectedOf("momentum", "0.3"));
      expect(await saidBy(pictureOf(page, "schedules"))).toBe(expectedOf("schedules", "CosineDecayRestarts"));
    });
  });

  test("open with all options: the same runs, played to the same end", async () => {
    await open({}, async (page) => {
      await drawn(page);
      await page.getByRole("button", { name: "Open with all options: global_clipnorm" }).click();
      await page.getByLabel("Speed").selectOption("20");
      await playToEnd(page);
      const { without, with: own, steps } = toldOf("global_clipnorm", initialOf("global_clipnorm"));
      const endOf = (path: typeof own): number[] => ["x", "y", "loss"].map((column) => at(path, column, steps));
      expect([await numbersOf(page, 0), await numbersOf(page, 1)]).toEqual([endOf(without), endOf(own)]);
    });
  });

  test.each([
    ["clipnorm", "a chart, of the number that it draws"],
    ["clipvalue", "a chart, of the number that it draws"],
    ["global_clipnorm", "a map, of points and losses"],
    ["use_ema", "a map of averages"],
  ] as const)("have a legend with the last numbers of each run: %s, %s", async (name, _) => {
    await open({}, async (page) => {
      await drawn(page);
      const picture = pictureOf(page, name);
      await saidBy(picture);
      expect(await legendOf(picture)).toEqual(legendAt(name, storyOf(name).steps));
    });
  });

  test("tell the numbers under the mouse, on charts and along the paths of maps, and the last ones again when it leaves", async () => {
    await open({}, async (page) => {
      await drawn(page);
      for (const name of ["clipnorm", "momentum"] as const) {
        const picture = pictureOf(page, name);
        await saidBy(picture);
        const box = await surfaceBox(picture);
        for (const place of name === "clipnorm" ? [0.2, 0.5, 0.9] : [0.2, 0.3]) {
          await page.mouse.move(box.x + box.width * place, box.y + box.height * 0.35);
          const [, text = ""] = (await legendOf(picture)).at(0) ?? [];
          expect(Number(text)).toBeLessThan(storyOf(name).steps);
          expect(await legendOf(picture)).toEqual(legendAt(name, Number(text)));
          expect(await picture.locator(".looked circle").count()).toBe(2);
        }
        await page.mouse.move(box.x + box.width / 2, box.y - 20);
        await expect.poll(() => legendOf(picture)).toEqual(legendAt(name, storyOf(name).steps));
        expect(await picture.locator(".looked").count()).toBe(0);
      }
    });
  });

  test("tell the numbers where keys lead, and say them", async () => {
    await open({}, async (page) => {
      await drawn(page);
      for (const name of ["schedules", "weight_decay"] as const) {
        const picture = pictureOf(page, name);
        await saidBy(picture);
        const chart = picture.getByRole("slider", { name: /^(Curves|Map) of/ });
        await chart.focus();
        await page.keyboard.press("Home");
        for (const key of ["PageUp", "ArrowRight", "ArrowRight", "ArrowLeft"]) await page.keyboard.press(key);
        const step = storyOf(name).steps / 10 + 1;
        const expected = legendAt(name, step);
        await expect.poll(() => legendOf(picture)).toEqual(expected);
        const spoken = expected.slice(1).map(([run, text]) => `${run}: ${text}`);
        expect(await chart.getAttribute("aria-valuetext")).toBe(`Step ${step}. ${spoken.join("; ")}`);
        await page.keyboard.press("Tab");
        await expect.poll(() => legendOf(picture)).toEqual(legendAt(name, storyOf(name).steps));
      }
    });
  });

  test("tell the numbers under a finger, after it was lifted, too, and let the page be scrolled", async () => {
    const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await open({ context }, async (page) => {
      await drawn(page);
      const picture = pictureOf(page, "centered");
      await saidBy(picture);
      const box = await surfaceBox(picture);
      await page.touchscreen.tap(box.x + box.width * 0.5, box.y + box.height * 0.5);
      const step = Number((await legendOf(picture)).at(0)?.[1]);
      expect(step).toBeGreaterThan(100);
      expect(step).toBeLessThan(200);
      expect(await legendOf(picture)).toEqual(legendAt("centered", step));
      expect(await picture.locator(".option-chart").evaluate((chart) => getComputedStyle(chart).touchAction)).toBe(
        "pan-y",
      );
    });
  });

  test("have titles at their axes: the step and the number, or x and y", async () => {
    await open({}, async (page) => {
      await drawn(page);
      for (const name of STORY_NAMES) {
        const picture = pictureOf(page, name);
        await saidBy(picture);
        const { view } = storyOf(name);
        const titles = view.kind === "chart" ? ["step", `${view.title}, logarithmic`] : ["x", "y"];
        const texts = await picture.locator("svg text").allTextContents();
        for (const title of titles) expect(texts).toContain(title);
      }
    });
  });

  test("of centered leads to the page about NaN", async () => {
    await open({}, async (page) => {
      await drawn(page);
      const links = page.locator(".pictures").getByRole("link");
      expect(await links.count()).toBe(1);
      await pictureOf(page, "centered").getByRole("link", { name: "Why centered RMSprop can become NaN" }).click();
      await page.getByRole("heading", { level: 1, name: "Why does my centered RMSprop become NaN?" }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/${NAN_PATH}`);
    });
  });

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 320],
  ] as const)("axe finds no serious issue, and nothing overflows, %s, %i px", async (colorScheme, width) => {
    await open({ context: { colorScheme, viewport: { width, height: 800 } } }, async (page) => {
      await drawn(page);
      for (const name of STORY_NAMES) await saidBy(pictureOf(page, name));
      expect(await seriousIssues(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${SHOTS}/options-${colorScheme}-${width}.png`, fullPage: true });
    });
  });
});
