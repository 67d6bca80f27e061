// The rows of a step are what core computes: put together they give its next point, in every bit.
import { RMSprop, schedules, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { type ExplainState, STEPS } from "../state.js";
import { pathsWith } from "./in-node.js";
import { numbersOf } from "./numbers.js";
import { at, pointAt } from "./paths.js";

const CASES: readonly Partial<ExplainState>[] = [
  {},
  { momentum: 0.8, epsilon: 0.01 },
  { learningRate: 0.2, rho: 0.968, scheduled: true, start: { x: 3.14, y: -0.77 } },
];

test.each(CASES)("each row has core's bits, with %o", (changed) => {
  const { state, paths } = pathsWith(changed);
  const wrong: string[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const numbers = numbersOf(paths.rmsprop, state, step);
    const [before, after] = [pointAt(paths.rmsprop, step - 1), pointAt(paths.rmsprop, step)];
    for (const axis of ["x", "y"] as const) {
      const kept = Math.fround(Math.fround(state.rho) * at(paths.rmsprop, `${axis}_velocity`, step - 1));
      const square = Math.fround(numbers.gradient[axis] * numbers.gradient[axis]);
      const meanSquare = Math.fround(kept + Math.fround(Math.fround(1 - state.rho) * square));
      if (numbers.meanSquare[axis] !== meanSquare) wrong.push(`mean square of ${axis} in step ${step}`);
      if (Math.fround(before[axis] + numbers.step[axis]) !== after[axis]) wrong.push(`${axis} after step ${step}`);
    }
  }
  expect(wrong).toEqual([]);
});

test.each(CASES)("the runs are those of the package used as anybody would, with %o", (changed) => {
  const { state, paths } = pathsWith(changed);
  const { learningRate: rate, rho, momentum, epsilon } = state;
  const [x, y] = [new Variable(state.start.x), new Variable(state.start.y)];
  const learningRate = state.scheduled
    ? new schedules.CosineDecay({ initialLearningRate: rate, decaySteps: STEPS })
    : rate;
  const optimizer = new RMSprop({ learningRate, rho, momentum, epsilon });
  const points = Array.from({ length: STEPS }, () => {
    optimizer.apply([0.1 * x.item(), 10 * y.item()], [x, y]);
    return { x: x.item(), y: y.item() };
  });
  expect(points).toEqual(points.map((_, i) => pointAt(paths.rmsprop, i + 1)));
});
