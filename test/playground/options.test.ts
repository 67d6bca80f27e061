// The pictures of the options: drawn at once when they come near, each with core's numbers and its own control.
import { mkdirSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { short } from "../../playground/src/explain/story/format.js";
import { at } from "../../playground/src/explain/story/paths.js";
import { toldOf } from "../../playground/src/options/in-node.js";
import { STORY_NAMES, type StoryName, storyOf } from "../../playground/src/options/stories.js";
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
      await momentum.getByRole("slider").focus();
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

  test("have a legend with the last loss of each run", async () => {
    await open({}, async (page) => {
      await drawn(page);
      const picture = pictureOf(page, "clipnorm");
      await saidBy(picture);
      const { without, with: own, steps } = toldOf("clipnorm", initialOf("clipnorm"));
      const shown = await picture.locator("dd").allTextContents();
      expect(shown).toEqual([without, own].map((path) => `loss ${short(at(path, "loss", steps))}`));
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
