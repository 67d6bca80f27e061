// The tab Code: whose programs it shows, that one click copies them, and what is said where the browser refuses that.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { LIBRARY } from "../../playground/src/code/library.js";
import { SNIPPETS, snippetsOf } from "../../playground/src/code/snippets.js";
import { INITIAL, settingsOf } from "../../playground/src/settings.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const FRAGMENT = "tab=code&run=rmsprop~rho:0.5~centered:true~name:mine";
const RUN = settingsOf("rmsprop", { rho: 0.5, centered: true, name: "mine" });
const permissions = ["clipboard-read", "clipboard-write"];

/** All programs that are shown, by their titles. */
async function shown(page: Page): Promise<Record<string, string>> {
  const sections = await page
    .locator(".snippet")
    .evaluateAll((found) =>
      found.map(
        (one) => [one.querySelector("h3")?.textContent ?? "", one.querySelector("pre")?.textContent ?? ""] as const,
      ),
    );
  return Object.fromEntries(sections);
}

test("each snippet of the settings is copied with one click", async () => {
  await open({ fragment: FRAGMENT, context: { permissions } }, async (page) => {
    await page.getByRole("heading", { name: "Landscape: 1. mine" }).waitFor();
    const titles = Object.keys(SNIPPETS);
    expect(titles).toHaveLength(4);
    for (const title of titles) {
      await page.getByRole("button", { name: `Copy: ${title}` }).click();
      await page.locator(".snippet", { hasText: title }).getByText("Copied.").waitFor();
      const expected = snippetsOf(RUN)[title];
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(expected);
    }
    expect(await seriousIssues(page)).toEqual([]);
  });
});

test("the sliders of the first tab have code, and so have the contestants of Digits, those of TensorFlow.js too", async () => {
  await open({ fragment: "tab=code&rho=0.5&two=tfadam~beta1:0.8" }, async (page) => {
    await page.getByRole("heading", { name: "Explain: 1. RMSprop" }).waitFor();
    expect(await shown(page)).toEqual(snippetsOf(settingsOf("rmsprop", { rho: 0.5 })));
    await page.getByLabel("Code of").selectOption("digits1");
    expect(await shown(page)).toEqual(snippetsOf(INITIAL.digits.contestants[0] ?? expect.unreachable()));
    await page.getByLabel("Code of").selectOption("digits2");
    await page.getByRole("heading", { name: "Digits: 2. tf.train.adam" }).waitFor();
    expect((await shown(page))["TypeScript, TensorFlow.js"]).toContain("tf.train.adam(0.05, 0.8, 0.999, 1e-7)");
  });
});

test("every optimizer of the package has code in TypeScript and in Python, and a link keeps the choice", async () => {
  const link = await open({ fragment: "tab=code" }, async (page) => {
    for (const className of Object.keys(LIBRARY)) {
      await page.getByLabel("Code of").selectOption({ label: className });
      const texts = await shown(page);
      expect(Object.keys(texts)).toEqual(Object.keys(SNIPPETS));
      expect(texts["TypeScript, typed arrays"]).toContain(`new ${className}({`);
      expect(texts["Python, Keras"]).toContain(`keras.optimizers.${className}(`);
    }
    await page.getByLabel("Code of").selectOption("Ftrl");
    await expect.poll(() => new URL(page.url()).hash).toBe("#tab=code&code=Ftrl");
    return new URL(page.url()).hash.slice(1);
  });
  await open({ fragment: link }, (page) => page.getByRole("heading", { name: "Ftrl" }).waitFor());
});

test.each(["light", "dark"] as const)("programs are in colours that can be read, %s", async (colorScheme) => {
  await open({ fragment: "tab=code", context: { colorScheme } }, async (page) => {
    const colors = await page
      .locator("pre")
      .first()
      .evaluate((pre) =>
        ["keyword", "string", "number", "call"].map((kind) => {
          const part = pre.querySelector(`.${kind}`);
          return part && getComputedStyle(part).color;
        }),
      );
    expect(new Set(colors).size).toBe(4);
    expect(colors).not.toContain(null);
    expect(await seriousIssues(page)).toEqual([]);
    await page.screenshot({ path: `out/playground/code-${colorScheme}.png` });
  });
});

test.each([
  [1440, "first"],
  [320, "last"],
] as const)(
  "at %s px, that it was copied is said at the %s button, in sight, and nothing moves",
  async (width, which) => {
    const context = { permissions, viewport: { width, height: 500 } };
    await open({ fragment: "tab=code", context }, async (page) => {
      const button = page.getByRole("button", { name: "Copy:" })[which]();
      await button.scrollIntoViewIfNeeded();
      const places = (): Promise<number[]> =>
        page
          .locator("h2, h3, pre, .copy button")
          .evaluateAll((found) => found.map((one) => one.getBoundingClientRect().top));
      const before = await places();
      await button.click();
      const said = await page.getByText("Copied.").boundingBox();
      expect(await places()).toEqual(before);
      const place = await button.boundingBox();
      if (!said || !place) throw new Error("both are shown");
      expect(place.y - (said.y + said.height)).toBeLessThan(12);
      expect(said.x).toBeGreaterThanOrEqual(0);
      expect(said.y).toBeGreaterThanOrEqual(0);
      expect(said.x + said.width).toBeLessThanOrEqual(width);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    });
  },
);

test("where copying is refused, the code is selected and the page says so", async () => {
  const init = () =>
    Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } });
  await open({ fragment: FRAGMENT, init }, async (page) => {
    await page.getByRole("button", { name: "Copy: Python, Keras" }).click();
    await page.getByText("The browser refused to copy. The code is selected").waitFor();
    expect(await page.evaluate(() => String(getSelection()))).toBe(snippetsOf(RUN)["Python, Keras"]?.trimEnd());
  });
});
