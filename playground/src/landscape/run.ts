// Runs one optimizer on a surface, step by step, and keeps what it saw. The worker drives it; so does the test, in Node.
import { Variable } from "rmsprop";
import { createRandom } from "../../../examples/shared/random.js";
import type { RunSettings } from "../settings.js";
import { createOptimizer } from "./optimizers.js";
import { type Point, type SurfaceName, surfaceOf } from "./surfaces.js";

/**
 * What is known after a step: `x`, `y`, `loss`, `learning_rate`, the steps `x_step` and `y_step` that were made, and each
 * slot of x and y, such as `x_velocity`. All samples of a run have the same names.
 */
export type Sample = Readonly<Record<string, number>>;

/** One optimizer on its way; `step` makes a step and tells what came of it. */
export interface Run {
  readonly first: Sample;
  step(): Sample;
  dispose(): void;
}

/**
 * A run from the surface's start, or another one. Every run of a surface meets the same noise. Throws the package's own
 * errors.
 */
export function createRun(
  settings: RunSettings,
  surfaceName: SurfaceName,
  start: Point = surfaceOf(surfaceName).start,
): Run {
  const surface = surfaceOf(surfaceName);
  const optimizer = createOptimizer(settings);
  const [x, y] = [new Variable(start.x, { name: "x" }), new Variable(start.y, { name: "y" })];
  optimizer.build([x, y]);
  const slots = optimizer.variables.map((variable) => ({ name: variable.name, variable }));
  const state = (): Record<string, number> => ({
    ...Object.fromEntries(slots.map(({ name, variable }) => [name, variable.value[0] ?? Number.NaN])),
    learning_rate: optimizer.learningRate,
  });
  const random = createRandom(1);
  let before: Point = { x: x.item(), y: y.item() };
  const sample = (): Sample => {
    const at = { x: x.item(), y: y.item() };
    const step = { x_step: at.x - before.x, y_step: at.y - before.y };
    before = at;
    return { ...at, loss: surface.loss(at), ...step, ...state() };
  };
  return {
    first: sample(),
    step: () => {
      const slope = surface.gradient(before);
      const noisy = (part: number): number => part + surface.noise * (surface.noise > 0 ? normal(random) : 0);
      optimizer.apply([optimizer.scaleLoss(noisy(slope.x)), optimizer.scaleLoss(noisy(slope.y))]);
      return sample();
    },
    dispose: () => {
      optimizer.dispose();
      x.dispose();
      y.dispose();
    },
  };
}

/** A draw from the normal distribution (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
