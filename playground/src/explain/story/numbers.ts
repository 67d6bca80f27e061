// One step of RMSprop, line by line of its rule, in the float32 numbers that core computes.
import { surfaceOf } from "../../landscape/surfaces.js";
import type { ExplainState } from "../state.js";
import { at, type Pair, type Path, pointAt } from "./paths.js";

export interface StepNumbers {
  readonly gradient: Pair;
  /** v: the average of squared gradients. */
  readonly meanSquare: Pair;
  /** √(v + ε) */
  readonly size: Pair;
  /** The gradient divided by its size. */
  readonly scaled: Pair;
  /** What was subtracted, with the other sign. */
  readonly step: Pair;
  /** The learning rate of this step. */
  readonly rate: number;
  /** The learning rate divided by the size: what a plain step would have to be multiplied by. */
  readonly effective: Pair;
}

const f = Math.fround;

/** Along an axis, so much steeper for each unit further out; a step of 2 / curvature times the gradient overshoots as far. */
const CURVATURE: Pair = { x: 0.1, y: 10 };
export const LIMIT: Pair = { x: 2 / CURVATURE.x, y: 2 / CURVATURE.y };

/** The numbers of a step, of 1 or more. */
export function numbersOf(
  rmsprop: Path,
  settings: Pick<ExplainState, "momentum" | "epsilon">,
  step: number,
): StepNumbers {
  // A run tells the learning rate that its next step will have.
  const rate = f(at(rmsprop, "learning_rate", step - 1));
  const slope = surfaceOf("ravine").gradient(pointAt(rmsprop, step - 1));
  const gradient = both((axis) => f(slope[axis]));
  const meanSquare = both((axis) => at(rmsprop, `${axis}_velocity`, step));
  const size = both((axis) => f(Math.sqrt(f(meanSquare[axis] + f(settings.epsilon)))));
  const increment = both((axis) => f(f(rate * gradient[axis]) / size[axis]));
  return {
    ...{ gradient, meanSquare, size, rate },
    scaled: both((axis) => f(gradient[axis] / size[axis])),
    step: both((axis) => 0 - (settings.momentum > 0 ? at(rmsprop, `${axis}_momentum`, step) : increment[axis])),
    effective: both((axis) => f(rate / size[axis])),
  };
}

function both(numberOf: (axis: "x" | "y") => number): Pair {
  return { x: numberOf("x"), y: numberOf("y") };
}
