// The first screen as a person uses it: what it shows, and when it has drawn.
import type { Page } from "playwright-core";
import type { ExplainState } from "../../playground/src/explain/state.js";
import { pathsWith } from "../../playground/src/explain/story/in-node.js";
import { numbersOf } from "../../playground/src/explain/story/numbers.js";

/** Waits until both runs are drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.locator(".loss.rmsprop").waitFor({ state: "attached" });
}

/** The numbers of the table, x and y of each row. */
export function shownNumbers(page: Page): Promise<(number | null)[]> {
  return page.$$eval(".in-numbers td", (cells) => cells.map((cell) => Number(cell.getAttribute("data-value"))));
}

/** The same from core, in Node. */
export function coreNumbers(step: number, changed: Partial<ExplainState> = {}): number[] {
  const { state, paths } = pathsWith(changed);
  const { gradient, meanSquare, size, scaled, step: made } = numbersOf(paths.rmsprop, state, step);
  return [gradient, meanSquare, size, scaled, made].flatMap(({ x, y }) => [x, y]);
}

/** The whole picture, as the browser has it. */
export async function picture(page: Page): Promise<string> {
  const parts = page.locator(".ravine, .sliders, .told, .time");
  return (await parts.evaluateAll((found) => found.map((part) => part.innerHTML))).join("\n");
}

/** Where the handle of the start is, in pixels of the window. */
export async function startOf(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.locator(".start").boundingBox();
  if (!box) throw new Error("the map has no start");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
