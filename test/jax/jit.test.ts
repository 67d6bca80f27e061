// A whole training step goes through jit once: nothing is compiled again, whatever counters and learning rate do.
import { grad, jit, numpy as np, tree } from "@jax-js/jax";
import { schedules } from "rmsprop";
import { rmsprop, type TransformationOptions } from "rmsprop/jax";
import { expect, test } from "vitest";
import { array, onSomeBackend, valuesOf } from "./backends.js";

const decay = new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 4 });
const OPTIONS: readonly (readonly [string, TransformationOptions])[] = [
  ["the defaults", {}],
  ["a schedule", { learningRate: decay }],
  ["a function of the step", { learningRate: (step) => np.exp(step.astype(np.float32).mul(-0.5)) }],
  ["accumulation and averages", { gradientAccumulationSteps: 2, useEma: true, emaOverwriteFrequency: 2 }],
];

onSomeBackend(() => {
  test.each(OPTIONS)("%s: a step of loss, gradient and update is traced once in 8 calls", (_, options) => {
    const solver = rmsprop(options);
    let traces = 0;
    const step = jit((params: np.Array, state: ReturnType<typeof solver.init<np.Array>>) => {
      traces++;
      const gradients = grad((w: np.Array) => np.square(w).sum())(params.ref);
      return solver.apply(gradients, state, params);
    });
    let params = array([1, -2, 3]);
    let state = solver.init(params.ref);
    for (let call = 0; call < 8; call++) [params, state] = step(params, state);
    expect(traces).toBe(1);
    expect(state.iteration.ref.item()).toBe(8);
    expect(Math.abs(valuesOf(params)[0] ?? 1)).toBeLessThan(1);
    step.dispose();
    tree.dispose([params, state]);
  });

  test("the learning rate in the state can be replaced without compiling again", () => {
    const solver = rmsprop({ learningRate: 0.5, rho: 0, epsilon: 0 });
    let traces = 0;
    const step = jit((gradient: np.Array, state: ReturnType<typeof solver.init<np.Array>>) => {
      traces++;
      return solver.update(gradient, state);
    });
    let state = solver.init(array([0, 0]));
    let updates: np.Array;
    [updates, state] = step(array([2, -4]), state);
    expect([...valuesOf(updates)]).toEqual([-0.5, 0.5]);
    updates.dispose();
    state.learningRate?.dispose();
    state = { ...state, learningRate: np.array(0.25, { dtype: np.float32 }) };
    [updates, state] = step(array([2, -4]), state);
    expect([...valuesOf(updates)]).toEqual([-0.25, 0.25]);
    expect(traces).toBe(1);
    step.dispose();
    tree.dispose([updates, state]);
  });
});
