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

/** Goes to the start, then so many steps from there. */
export async function step(page: Page, count: number): Promise<void> {
  await page.waitForSelector("#numbers td[data-value]");
  await page.getByRole("button", { name: "Back to the start" }).click();
  for (let made = 1; made <= count; made++) {
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await page.waitForFunction((count) => document.querySelector("#steps")?.textContent?.startsWith(`${count} `), made);
  }
}

/** Plays from the start until the runs end by themselves. */
export async function playToEnd(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("The runs have ended.").waitFor({ state: "attached", timeout: 60_000 });
}

/** The step that is marked. */
export async function stepsOf(page: Page): Promise<number> {
  return Number.parseInt((await page.locator("#steps").textContent()) ?? "", 10);
}

/** Whether a canvas has pixels of a CSS variable's colour. */
export function shows(page: Page, canvas: string, variable: string): Promise<boolean> {
  return page.evaluate(
    ([selector, name]) => {
      const found = document.querySelector<HTMLCanvasElement>(selector);
      const context = found?.getContext("2d");
      if (!found || !context) throw new Error(`there is no canvas ${selector}`);
      const color = getComputedStyle(found).getPropertyValue(name).trim();
      const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
      const { data } = context.getImageData(0, 0, found.width, found.height);
      for (let i = 0; i < data.length; i += 4)
        if (wanted.every((value, channel) => data[i + channel] === value) && data[i + 3] === 255) return true;
      return false;
    },
    [canvas, variable] as const,
  );
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
