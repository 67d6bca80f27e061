// The schedules as part of a compiled step: at every step the learning rate of core, in every bit.
import { jit, tree } from "@jax-js/jax";
import { schedules } from "rmsprop";
import { rmsprop } from "rmsprop/jax";
import { expect, test } from "vitest";
import { array, onSomeBackend, valuesOf } from "./backends.js";

const STEPS = 80;
const start = { initialLearningRate: 0.1 };
const SCHEDULES: readonly (readonly [string, schedules.LearningRateSchedule])[] = [
  ["exponential", new schedules.ExponentialDecay({ ...start, decaySteps: 7, decayRate: 0.93 })],
  ["exponential in stairs", new schedules.ExponentialDecay({ ...start, decaySteps: 7, decayRate: 2, staircase: true })],
  ["inverse time", new schedules.InverseTimeDecay({ ...start, decaySteps: 7, decayRate: 0.93 })],
  ["piecewise", new schedules.PiecewiseConstantDecay({ boundaries: [0, 20.5, 60], values: [1, -0, 0.3, 0.1] })],
  ["polynomial", new schedules.PolynomialDecay({ ...start, decaySteps: 70, power: 1.7 })],
  ["polynomial in cycles", new schedules.PolynomialDecay({ ...start, decaySteps: 9, power: 0.5, cycle: true })],
  ["cosine", new schedules.CosineDecay({ ...start, decaySteps: 70, alpha: 0.1 })],
  ["cosine after a warm-up", new schedules.CosineDecay({ ...start, decaySteps: 50, warmupTarget: 1, warmupSteps: 13 })],
  ["restarts", new schedules.CosineDecayRestarts({ ...start, firstDecaySteps: 10, mMul: 0.9 })],
  ["restarts of one length", new schedules.CosineDecayRestarts({ ...start, firstDecaySteps: 10, tMul: 1, alpha: 0.2 })],
  ["restarts ever shorter", new schedules.CosineDecayRestarts({ ...start, firstDecaySteps: 30, tMul: 0.9 })],
];

onSomeBackend(() => {
  test.each(SCHEDULES)("inside jit, %s has the rates that it has outside, in every bit", (_, learningRate) => {
    // With rho 1 and epsilon 1 the update is the learning rate itself, its sign turned.
    const solver = rmsprop({ learningRate, rho: 1, epsilon: 1 });
    const step = jit(solver.update<ReturnType<typeof array>>);
    let state = solver.init(array([0]));
    for (let call = 0; call < STEPS; call++) {
      const [updates, next] = step(array([-1]), state);
      expect([call, valuesOf(updates)[0]]).toEqual([call, learningRate.call(call)]);
      updates.dispose();
      state = next;
    }
    step.dispose();
    tree.dispose(state);
  });
});
