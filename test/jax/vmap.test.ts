// A run under vmap is as many runs, each with the bits that it has alone; and leaves without a gradient are as in class RMSprop.
import { jit, type numpy as np, tree, vmap } from "@jax-js/jax";
import { schedules } from "rmsprop";
import { RMSprop, type RMSpropState, rmsprop, type TransformationOptions, Variable } from "rmsprop/jax";
import { expect, test, vi } from "vitest";
import { FRAMEWORKS } from "../contract/reactive.js";
import { numbersOf } from "../contract/states.js";
import { array, bits, onSomeBackend, valuesOf } from "./backends.js";

const decay = new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 4 });
const OPTIONS: readonly (readonly [string, TransformationOptions])[] = [
  ["the defaults", {}],
  ["everything of the rule", { momentum: 0.9, centered: true, weightDecay: 0.1, clipvalue: 0.5, lossScaleFactor: 2 }],
  ["a schedule", { learningRate: decay }],
  ["accumulation", { gradientAccumulationSteps: 2, momentum: 0.5 }],
  ["averages that overwrite", { useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 }],
  ["accumulation and averages", { gradientAccumulationSteps: 2, useEma: true, emaOverwriteFrequency: 2 }],
];
const RUNS = 3;
const SIZE = 5;
const CALLS = 5;

const row = (values: Float32Array, i: number): Float32Array => values.slice(i * SIZE, (i + 1) * SIZE);

onSomeBackend((backend) => {
  test.each(OPTIONS)("%s: a run under vmap has the bits of each run alone, counters included", (_, options) => {
    const solver = rmsprop(options);
    const step = vmap(
      ((gradient: np.Array, state: RMSpropState<np.Array>, params: np.Array) =>
        solver.apply(gradient, state, params)) as never, // vmap's type knows functions of arrays only
    ) as unknown as typeof solver.apply;
    const start = numbersOf(1, RUNS * SIZE);
    const gradientsAt = (call: number) => numbersOf(2 + call, RUNS * SIZE);
    let params = array(start, [RUNS, SIZE]);
    let state = (vmap(((each: np.Array) => solver.init(each)) as never) as unknown as typeof solver.init)(params.ref);
    for (let call = 0; call < CALLS; call++) {
      [params, state] = step(array(gradientsAt(call), [RUNS, SIZE]), state, params);
    }
    expect([state.iteration.dtype, [...state.iteration.ref.dataSync()]]).toEqual(["int32", [CALLS, CALLS, CALLS]]);
    const found = valuesOf(params);
    for (let i = 0; i < RUNS; i++) {
      let own = array(row(start, i));
      let ownState = solver.init(own.ref);
      for (let call = 0; call < CALLS; call++)
        [own, ownState] = solver.apply(array(row(gradientsAt(call), i)), ownState, own);
      expect(bits(row(found, i))).toBe(bits(valuesOf(own)));
      tree.dispose([own, ownState]);
    }
    tree.dispose([params, state]);
  });

  const SLOTS = ["average", "accumulator", "velocity", "momentum", "averageGradient"] as const;
  const KERAS: Readonly<Record<string, string>> = {
    accumulator: "gradient_accumulator",
    averageGradient: "average_gradient",
  };

  test.each(OPTIONS)("%s: leaves whose gradient is null have the bits of class RMSprop", (_, options) => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const solver = rmsprop(options);
    const optimizer = new RMSprop(options as never); // none of them is a function of arrays
    const variables = ["a", "b", "c"].map((name, i) => new Variable([...numbersOf(i, SIZE)], { name }));
    let params = { a: array(numbersOf(0, SIZE)), b: [array(numbersOf(1, SIZE)), array(numbersOf(2, SIZE))] };
    let state = solver.init(tree.ref(params));
    optimizer.build(variables);
    const missing = [[], [1], [0, 2], [1], [2], []];
    for (const [call, without] of missing.entries()) {
      const gradients = [0, 1, 2].map((i) => (without.includes(i) ? null : array(numbersOf(10 * call + i, SIZE))));
      const [a = null, b = null, c = null] = gradients.map((gradient) => gradient?.ref ?? null);
      [params, state] = solver.apply({ a, b: [b, c] }, state, params);
      optimizer.apply(gradients, variables);
      expect([params.a, ...params.b].map((each) => bits(valuesOf(each)))).toEqual(
        variables.map(({ value }) => bits(value)),
      );
    }
    for (const name of SLOTS) {
      const slot = state[name];
      if (slot === undefined) continue;
      const own = optimizer.variables
        .filter((each) => each.slot === (KERAS[name] ?? name))
        .map(({ value }) => bits(value));
      expect([slot.a, ...slot.b].map((each) => bits(valuesOf(each)))).toEqual(own);
    }
    tree.dispose([params, state]);
    for (const made of [optimizer, ...variables]) made.dispose();
    vi.restoreAllMocks();
  });

  test("update gives no change for a leaf whose gradient is null, without params too, and inside jit", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const solver = rmsprop({ momentum: 0.5 });
    const still = `still on ${backend}`; // what was warned of is not said again
    const params: Record<string, np.Array> = { [still]: array([1, -2]), moved: array([3]) };
    const state = solver.init(tree.ref(params));
    const step = jit((gradient: np.Array, given: RMSpropState<typeof params>) =>
      solver.update({ [still]: null, moved: gradient }, given),
    );
    const [updates, next] = step(array([2]), state);
    expect([...valuesOf(updates[still] as np.Array)].map(Math.abs)).toEqual([0, 0]);
    expect([...valuesOf(updates.moved as np.Array)]).not.toEqual([0]);
    expect(next.iteration.ref.item()).toBe(1);
    expect(warn.mock.calls.flat().join()).toContain(
      `rmsprop: no gradients for ${still}; these leaves stay as they are`,
    );
    step.dispose();
    tree.dispose([params, updates, next]);
    vi.restoreAllMocks();
  });

  test("all gradients null, null parameters and state, and undefined are refused by their path", () => {
    const solver = rmsprop();
    const params = { a: array([1]), b: array([2]) };
    const state = solver.init(tree.ref(params));
    const gradient = array([1]);
    expect(() => solver.apply({ a: null, b: null }, state, params)).toThrow(
      /gradients must not all be null; .*null for a, b/,
    );
    expect(() => solver.apply({ a: gradient, b: undefined } as never, state, params)).toThrow(
      /gradients\.b must be a tree/,
    );
    expect(() => solver.init({ a: null } as never)).toThrow(
      /params\.a must be a tree of arrays; received params\.a=null/,
    );
    const { a } = state.velocity;
    const broken = { ...state, velocity: { a, b: null } } as never;
    expect(() => solver.apply({ a: gradient, b: gradient }, broken, params)).toThrow(
      /state\.velocity\.b must be a tree/,
    );
    expect(() => solver.apply({ a: null } as never, state, params)).toThrow(/not all be null|b is missing/);
    const one = solver.init(params.a.ref);
    expect(() => solver.apply(null, one, params.a)).toThrow(/gradients must not all be null; .*null for the only leaf/);
    tree.dispose([params, state, gradient, one]);
  });

  test.each(Object.entries(FRAMEWORKS))("%s leaves optimizers and Variables of this face alone", (_, wrap) => {
    const own = { optimizer: new RMSprop(), variable: new Variable([1, 2]) };
    const state = wrap(own);
    state.optimizer.apply([array([1, 2])], [state.variable]);
    expect([state.optimizer, state.variable]).toEqual([own.optimizer, own.variable]);
    expect(state.variable).toBe(own.variable);
    for (const made of [own.optimizer, own.variable]) made.dispose();
  });
});
