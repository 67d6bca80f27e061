// The tab Landscape as a person uses it: steps, plays, and reads the table.
import type { Page } from "playwright-core";
import { RMSprop, type RMSpropOptions, Variable } from "rmsprop";
import { type SurfaceName, surfaceOf } from "../../playground/src/landscape/surfaces.js";

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
  await page.getByText("The runs have ended.").waitFor({ state: "attached", timeout: 60_000 });
  // The curves are drawn a moment later than the map.
  await page.waitForTimeout(400);
}

/** Steps that were made. */
export async function stepsOf(page: Page): Promise<number> {
  return Number.parseInt((await page.locator("#steps").textContent()) ?? "", 10);
}

/** The same steps with nothing but core. */
export function coreNumbers(options: RMSpropOptions, surfaceName: SurfaceName, steps: number): number[] {
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
