// The numbers of both runs at one step, as the legend of a picture tells them.
import { short } from "../explain/story/format.js";
import { at, type Pair, pointAt } from "../explain/story/paths.js";
import { surfaceOf } from "../landscape/surfaces.js";
import type { Story, Told } from "./story.js";

export type RunName = "without" | "with";
export const RUN_NAMES: readonly RunName[] = ["without", "with"];

/** Where a run is drawn after a step: the run with the option by its average, where its picture is one of averages. */
export function placeAt(story: Story, told: Told, run: RunName, step: number): Pair {
  // Averages start at zero: their first number is none.
  const isAverage = run === "with" && story.average === true && step > 0;
  const path = told[run];
  return isAverage ? { x: at(path, "x_average", step), y: at(path, "y_average", step) } : pointAt(path, step);
}

/** What the picture draws of a run, in numbers: the point and its loss, or the number of the chart. */
export function readingAt(story: Story, told: Told, run: RunName, step: number): string {
  if (story.view.kind === "chart") return `${story.view.title} ${short(at(told[run], story.view.column, step))}`;
  const place = placeAt(story, told, run, step);
  return `(${fixed(place.x)}, ${fixed(place.y)}), loss ${short(surfaceOf(story.surface).loss(place))}`;
}

/** With as many decimals at every step, so that nothing moves while one looks around. */
function fixed(value: number): string {
  return Number.isFinite(value)
    ? value
        .toFixed(3)
        .replace(/^-0\.000$/, "0.000")
        .replace("-", "−")
    : short(value);
}
