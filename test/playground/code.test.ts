// The tab Code: one click copies a snippet, and where the browser refuses that the page says so.
import { expect, test } from "vitest";
import { SNIPPETS } from "../../playground/src/code/snippets.js";
import { settingsOf } from "../../playground/src/settings.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const FRAGMENT = "tab=code&run=rmsprop~rho:0.5~centered:true~name:mine";
const RUN = settingsOf("rmsprop", { rho: 0.5, centered: true, name: "mine" });

test("each snippet of the settings is copied with one click", async () => {
  const permissions = ["clipboard-read", "clipboard-write"];
  await open({ fragment: FRAGMENT, context: { permissions } }, async (page) => {
    await page.getByRole("heading", { name: "1. mine" }).waitFor();
    const titles = Object.keys(SNIPPETS);
    expect(titles).toHaveLength(4);
    for (const title of titles) {
      await page.getByRole("button", { name: `Copy: ${title}, optimizer 1` }).click();
      await page.getByText("Copied.").waitFor();
      const expected = SNIPPETS[title]?.(RUN);
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(expected);
    }
    expect(await seriousIssues(page)).toEqual([]);
  });
});

test("what is said of copying does not move the page", async () => {
  const permissions = ["clipboard-read", "clipboard-write"];
  await open({ fragment: FRAGMENT, context: { permissions, viewport: { width: 800, height: 400 } } }, async (page) => {
    const heading = page.getByRole("heading", { name: "1. mine" });
    const before = await heading.boundingBox();
    await page.getByRole("button", { name: "Copy: TypeScript", exact: false }).first().click();
    await page.getByText("Copied.").waitFor();
    const [after, said] = [await heading.boundingBox(), await page.getByText("Copied.").boundingBox()];
    expect(after?.height).toBe(before?.height);
    const scrolled = await page.evaluate(() => scrollY);
    expect((after?.y ?? 0) + scrolled).toBe(before?.y);
    expect(said?.y).toBeLessThan(400);
  });
});

test("where copying is refused, the page says what to do", async () => {
  const init = () =>
    Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } });
  await open({ fragment: FRAGMENT, init }, async (page) => {
    await page.getByRole("button", { name: "Copy: Python, Keras, optimizer 1" }).click();
    await page.getByText("select the code and copy it").waitFor();
  });
});
