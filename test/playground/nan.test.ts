// The page about NaN: its text without script, its numbers, its remedies, by keys and link, offline and on a phone.
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nanRuns } from "../../playground/src/nan/runs.js";
import { ASKED, NAN_INITIAL, type NanState, WHOS } from "../../playground/src/nan/state.js";
import { NAN_PATH } from "../../playground/src/pages.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

const at = (fragment = "", more: object = {}) => ({ path: NAN_PATH, fragment, ...more });

/** What the page shows: the three numbers beside the bars, and of each formula what stands under the root, and the step. */
async function shown(page: Page): Promise<number[]> {
  await page.locator("#made td").first().waitFor();
  const cells = page.locator(".meeting .value, #under-root td, #made td, #weight td");
  return (await cells.evaluateAll((found) => found.map((cell) => cell.getAttribute("data-value")))).map(Number);
}

/** The same from core, in Node. */
function computed(changed: Partial<NanState>): number[] {
  const { step, ...state } = { ...NAN_INITIAL, ...changed };
  const runs = nanRuns({ ...ASKED, ...state });
  const made = WHOS.map((who) => runs[who][step - 1]);
  const [first] = made;
  const numbers = [first?.meanSquare, first?.squaredMean, first?.difference];
  for (const name of ["underRoot", "step", "weight"] as const) numbers.push(...made.map((each) => each?.[name]));
  return numbers.map((number) => number ?? Number.POSITIVE_INFINITY);
}

const stepOf = async (page: Page): Promise<number> => Number(await page.locator("#step").textContent());

describe("the page about NaN", () => {
  test("says why without script, with its numbers", async () => {
    await open(at("", { context: { javaScriptEnabled: false } }), async (page) => {
      expect(await page.title()).toBe("Why does my centered RMSprop become NaN?");
      const text = (await page.locator("main").textContent())?.replace(/\s+/g, " ") ?? "";
      for (const said of [
        "a constant gradient of 11 it happens at step 136",
        "10.89 after the first step",
        "the weight is NaN from then on",
      ])
        expect(text).toContain(said);
      expect(text).toContain("each step is 34.79 long, 34,785 times the learning rate");
      expect(await page.content()).not.toContain("{{");
      const description = await page.locator('meta[name="description"]').getAttribute("content");
      expect(description).toContain("at step 136");
      await page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Guide" }).waitFor();
    });
  });

  test.each([
    ["", {}],
    ["step=1", { step: 1 }],
    ["step=60", { step: 60 }],
    ["step=134&epsilon=0.001", { step: 134, epsilon: 1e-3 }],
    ["step=135", { step: 135 }],
    ["clipvalue=0.1", { clipvalue: 0.1 }],
    ["step=140&centered=false", { step: 140, centered: false }],
  ] as const)("with #%s it shows the numbers of core in Node, in every bit", async (fragment, changed) => {
    await open(at(fragment), async (page) => {
      expect(await shown(page)).toEqual(computed(changed));
    });
  });

  test("the steps are gone through by keys, by the moments and by mouse", async () => {
    await open(at(), async (page) => {
      await page.getByText("m² has been rounded to 1 float32 number above v").waitFor();
      await page.getByRole("slider", { name: "Step" }).focus();
      await page.keyboard.press("ArrowLeft");
      await page.getByText("v and m² are the same float32 number").waitFor();
      await page.waitForURL(/#step=135$/);
      await page.getByRole("button", { name: "a few float32 numbers apart" }).click();
      await page.getByText("v is 2 float32 numbers above m².").waitFor();
      const box = await page.locator(".difference").boundingBox();
      if (!box) throw new Error("there is no chart");
      await page.mouse.click(box.x + box.width / 2, box.y + 40);
      expect(Math.abs((await stepOf(page)) - 68)).toBeLessThan(6);
    });
  });

  test("the bits of v and m² are there, and those that differ are strong", async () => {
    await open(at(), async (page) => {
      await page.locator(".bits code").first().waitFor();
      const bits = await page
        .locator(".bits code")
        .evaluateAll((codes) => codes.map((code) => (code.textContent ?? "").replace(/[^01]/g, "").slice(-32)));
      const word = ([value = 0]: number[]) => new Uint32Array(new Float32Array([value]).buffer)[0] ?? 0;
      const expected = computed({})
        .slice(0, 3)
        .map((value) => word([value]).toString(2).padStart(32, "0"));
      expect(bits).toEqual(expected);
      expect(await page.locator(".v .bits b").allTextContents()).toEqual(["01"]);
      expect(await page.locator(".m .bits b").allTextContents()).toEqual(["10"]);
    });
  });

  test("each remedy leaves no NaN, and Reset brings it back", async () => {
    await open(at(), async (page) => {
      const lost = page.locator("#lost td");
      await expect.poll(() => lost.allTextContents()).toEqual(["136", "135", "never"]);
      const reset = page.getByRole("button", { name: "Reset" });
      expect(await reset.isDisabled()).toBe(true);
      const remedies = [
        () => page.getByLabel("epsilon").fill("4"),
        () => page.getByLabel("0.1", { exact: true }).check(),
        () => page.getByLabel("centered").uncheck(),
      ];
      for (const [i, remedy] of remedies.entries()) {
        await remedy();
        await expect.poll(() => lost.first().textContent()).toBe("never");
        expect(await lost.last().textContent()).toBe("never");
        if (i === 2) expect(await page.locator("#outcome").textContent()).toMatch(/^All three are finite/);
        await reset.click();
        await expect.poll(() => lost.allTextContents()).toEqual(["136", "135", "never"]);
      }
    });
  });

  test("Play goes from the first step to the last and rests there", async () => {
    await open(at("step=120", { context: { reducedMotion: "reduce" } }), async (page) => {
      await page.getByRole("button", { name: "Play" }).click();
      await expect.poll(() => stepOf(page), { timeout: 20_000 }).toBe(140);
      await page.getByRole("button", { name: "Play" }).waitFor();
    });
  });

  test("is reached from the first screen and from the guide", async () => {
    await open({}, async (page) => {
      await page.getByRole("link", { name: "why centered RMSprop becomes NaN" }).click();
      await page.locator("#made td").first().waitFor();
      await page.getByRole("link", { name: "Numbers", exact: true }).click();
      await page.getByRole("link", { name: "Why, step by step, and what helps" }).click();
      await page.waitForURL(new RegExp(`/${NAN_PATH}$`));
    });
  });

  test("works offline after one visit, of it or of any page", async () => {
    await open(at("", { expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }), async (page) => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.context().setOffline(true);
      await page.reload();
      expect(await shown(page)).toEqual(computed({}));
      await page.getByRole("navigation", { name: "Playground" }).getByRole("link", { name: "Explain" }).click();
      await page.locator(".loss.rmsprop").waitFor({ state: "attached" });
    });
  });

  test.each([
    { name: "nan", width: 1440, height: 900, colorScheme: "light" },
    { name: "nan-dark", width: 820, height: 1180, colorScheme: "dark" },
    { name: "nan-phone", width: 320, height: 640, colorScheme: "light" },
  ] as const)("has its contrast and fits: $name", async ({ name, width, height, colorScheme }) => {
    await open(at("", { context: { viewport: { width, height }, colorScheme } }), async (page) => {
      await page.locator("#made td").first().waitFor();
      expect(await seriousIssues(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${SHOTS}/${name}.png` });
    });
  });
});
