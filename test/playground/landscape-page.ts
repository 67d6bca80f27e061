// The tab Landscape as a person uses it: steps, plays, and reads the table.
import type { Page } from "playwright-core";

/** What the table says of a run: x, y and loss, in full. */
export async function numbersOf(page: Page, run: number): Promise<number[]> {
  return page.$$eval(`#numbers tbody tr:nth-child(${run + 1}) td`, (cells) =>
    cells.map((cell) => Number(cell.getAttribute("data-value"))),
  );
}

export async function step(page: Page, count: number): Promise<void> {
  await page.waitForSelector("#numbers td[data-value]");
  for (let made = 1; made <= count; made++) {
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await page.waitForFunction((count) => document.querySelector("#steps")?.textContent?.startsWith(`${count} `), made);
  }
}

/** Plays until the runs end by themselves. */
export async function playToEnd(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("The runs have ended.").waitFor({ state: "attached", timeout: 30_000 });
  // The curves are drawn a moment later than the map.
  await page.waitForTimeout(400);
}

/** Steps that were made. */
export async function stepsOf(page: Page): Promise<number> {
  return Number.parseInt((await page.locator("#steps").textContent()) ?? "", 10);
}
