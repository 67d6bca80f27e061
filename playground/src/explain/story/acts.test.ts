// The acts of a run follow from its numbers.
import { expect, test } from "vitest";
import { type ExplainState, STEPS } from "../state.js";
import { type ActKind, actsOf } from "./acts.js";
import { pathsWith } from "./in-node.js";
import { at, pointAt } from "./paths.js";

const CASES: readonly (readonly [Partial<ExplainState>, readonly ActKind[]])[] = [
  [{}, ["equal", "kick", "swing"]],
  [{ scheduled: true }, ["equal", "kick", "rest"]],
  [{ learningRate: 0.001 }, ["equal"]],
  [{ rho: 0 }, ["equal", "swing"]],
  [{ rho: 0.99 }, ["equal", "arrived"]],
  [{ epsilon: 1 }, ["downhill"]],
  [{ momentum: 0.8 }, ["carried", "kick"]],
];

test.each(CASES)("with %o the acts are %o", (changed, kinds) => {
  const { state, paths } = pathsWith(changed);
  const acts = actsOf(paths, state);
  expect(acts.map(({ kind }) => kind)).toEqual(kinds);
  expect(acts[0]?.from).toBe(1);
  expect(acts.at(-1)?.to).toBe(STEPS);
  for (const [i, { from }] of acts.slice(1).entries()) expect(from).toBe((acts[i]?.to ?? 0) + 1);
});

test("as the page opens the kick comes at about step 130, and in the last act every step is a learning rate", () => {
  const { state, paths } = pathsWith({});
  const [, kick, swing] = actsOf(paths, state);
  expect(Math.abs((kick?.from ?? 0) - 130)).toBeLessThan(5);
  for (let step = swing?.from ?? 0; step <= STEPS; step++)
    expect(Math.abs(at(paths.rmsprop, "y_step", step)) / 0.05).toBeCloseTo(1, 1);
  const { x, y } = pointAt(paths.rmsprop, STEPS);
  expect([Math.abs(x), Math.abs(y)].map((far) => Number(far.toFixed(3)))).toEqual([0.025, 0.025]);
});

test("at the last step SGD is about 8,000 times better, and with the schedule RMSprop is", () => {
  const lastLosses = (changed: Partial<ExplainState>): [number, number] => {
    const { paths } = pathsWith(changed);
    return [at(paths.rmsprop, "loss", STEPS), at(paths.sgd, "loss", STEPS)];
  };
  const [rmsprop, sgd] = lastLosses({});
  expect(Math.round(rmsprop / sgd / 1000)).toBe(8);
  const [rested] = lastLosses({ scheduled: true });
  expect(rested).toBeLessThan(1e-20);
});
