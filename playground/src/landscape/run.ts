// Runs one optimizer on a surface, step by step, and keeps what it saw. The worker drives it; so does the test, in Node.
import { Variable } from "rmsprop";
import { createRandom } from "../../../examples/shared/random.js";
import type { RunSettings } from "../settings.js";
import { createOptimizer } from "./optimizers.js";
import { type Point, type Surface, type SurfaceName, surfaceOf } from "./surfaces.js";

/**
 * What is known after a step: `x`, `y`, `loss`, `learning_rate`, the gradient `x_gradient` and `y_gradient` that it met,
 * the steps `x_step` and `y_step` that it made, and each slot of x and y, such as `x_velocity`. All samples of a run have the same names.
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
  const place = surface.isJoint ? jointly(start) : separately(start);
  optimizer.build(place.variables);
  const slots = optimizer.variables.flatMap((variable) =>
    place.columnsOf(variable.name).map((name, i) => ({ name, i, variable })),
  );
  const state = (): Record<string, number> => ({
    ...Object.fromEntries(slots.map(({ name, i, variable }) => [name, variable.value[i] ?? Number.NaN])),
    learning_rate: optimizer.learningRate,
  });
  const gradients = gradientsOf(surface);
  let before = place.at();
  const sample = ({ x, y }: Point): Sample => {
    const at = place.at();
    const step = { x_gradient: x, y_gradient: y, x_step: at.x - before.x, y_step: at.y - before.y };
    before = at;
    return { ...at, loss: surface.loss(at), ...step, ...state() };
  };
  return {
    first: sample({ x: 0, y: 0 }),
    step: () => {
      const gradient = gradients(before);
      const arrived = (part: number): number => (surface.isHalf ? half : Number)(optimizer.scaleLoss(part));
      optimizer.apply(place.gradients({ x: arrived(gradient.x), y: arrived(gradient.y) }));
      return sample(gradient);
    },
    dispose: () => {
      optimizer.dispose();
      for (const variable of place.variables) variable.dispose();
    },
  };
}

/** How x and y are held: as two variables, or as one. */
interface Place {
  readonly variables: readonly Variable[];
  at(): Point;
  /** As `apply` takes them. */
  gradients(gradient: Point): (number | Float32Array)[];
  /** What samples call the elements of a slot. */
  columnsOf(slot: string): string[];
}

function separately(start: Point): Place {
  const [x, y] = [new Variable(start.x, { name: "x" }), new Variable(start.y, { name: "y" })];
  return {
    variables: [x, y],
    at: () => ({ x: x.item(), y: y.item() }),
    gradients: (gradient) => [gradient.x, gradient.y],
    columnsOf: (slot) => [slot],
  };
}

function jointly(start: Point): Place {
  const both = new Variable([start.x, start.y], { name: "xy" });
  return {
    variables: [both],
    at: () => ({ x: both.value[0] ?? Number.NaN, y: both.value[1] ?? Number.NaN }),
    gradients: ({ x, y }) => [Float32Array.of(x, y)],
    columnsOf: (slot) => (slot.startsWith("xy_") ? ["x", "y"].map((axis) => axis + slot.slice(2)) : [slot]),
  };
}

/** The gradients that a run meets, step by step. */
function gradientsOf(surface: Surface): (at: Point) => Point {
  const random = createRandom(1);
  const noise = (): number => surface.noise * (surface.noise > 0 ? normal(random) : 0);
  let step = 0;
  return (at) => {
    const { x, y } = surface.gradient(at);
    const { every, add } = surface.outliers ?? { every: Number.POSITIVE_INFINITY, add: { x: 0, y: 0 } };
    const isOutlier = ++step % every === 0;
    return { x: x + noise() + (isOutlier ? add.x : 0), y: y + noise() + (isOutlier ? add.y : 0) };
  };
}

/** A draw from the normal distribution (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The nearest number of float16, ties to even; what is too large is infinite. */
export function half(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const unit = 2 ** (exponent - 10);
  const count = value / unit;
  const whole = Math.round(count);
  const rounded = (Math.abs(count % 1) === 0.5 && whole % 2 !== 0 ? whole - 1 : whole) * unit;
  return Math.abs(rounded) > 65504 ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded;
}
