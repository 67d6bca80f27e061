// Buffers: as many after many steps as after the first; all given back in the end.
import { blockUntilReady, numpy as np, tree } from "@jax-js/jax";
import { schedules } from "rmsprop";
import { RMSprop, type RMSpropOptions, rmsprop, scheduleFreeAdamw, Variable } from "rmsprop/jax";
import { expect, test, vi } from "vitest";
import { isWhole } from "../seed.js";
import { array, bits, liveBuffers, onSomeBackend, valuesOf } from "./backends.js";

/** `npm run test:package` takes a hundred. */
const STEPS = isWhole ? 100 : 12;
const learningRate = new schedules.CosineDecay({ initialLearningRate: 0.01, decaySteps: STEPS });
const FEATURES: readonly (readonly [string, RMSpropOptions & { learningRate?: schedules.CosineDecay }])[] = [
  ["plain", {}],
  [
    "momentum, centered, decay, a norm, a schedule",
    { momentum: 0.9, centered: true, weightDecay: 0.01, clipnorm: 0.1, learningRate },
  ],
  [
    "accumulation, a global norm, a loss scale, averages that overwrite",
    {
      ...{ gradientAccumulationSteps: 3, globalClipnorm: 0.1, lossScaleFactor: 8 },
      ...{ useEma: true, emaOverwriteFrequency: 2 },
    },
  ],
];

onSomeBackend(() => {
  for (const engine of ["jax", "core"] as const) {
    test.each(FEATURES)(`%s, engine ${engine}: as many buffers after each of ${STEPS} steps`, async (_, options) => {
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const v = new Variable([
        [1, 2],
        [3, 4],
      ]);
      const w = new Variable([5, 6, 7], { name: "w" });
      const optimizer = new RMSprop(options, engine);
      const squares = () => np.square(v.ref).sum().add(np.square(w.ref).sum());
      // jax-js queues work: only what is done has given its inputs back.
      const done = () => [v.value, w.value, ...optimizer.variables.map(({ value }) => value)];
      const use = (i: number): void => {
        optimizer.minimize(squares, [v, w]);
        if (i % 10 !== 0) return;
        const store = {};
        optimizer.saveOwnVariables(store);
        optimizer.loadOwnVariables(store);
        if (options.useEma) optimizer.withAverage(() => optimizer.variables);
        optimizer.finalizeVariableValues();
        optimizer.apply([null, array([1, 2, 3])]);
      };
      use(0);
      done();
      const after = liveBuffers();
      let most = after;
      for (let i = 1; i < STEPS; i++) {
        use(i);
        done();
        most = Math.max(most, liveBuffers());
      }
      // A fresh average or accumulator may be a constant, which has no buffer.
      expect(most).toBeLessThanOrEqual(after + 4);
      vi.restoreAllMocks();
      for (const made of [optimizer, v, w]) made.dispose();
    });
  }

  test.each(FEATURES)("%s, pure functions: as many buffers after each step", async (_, options) => {
    const solver = rmsprop(options);
    let params = { a: array([1, 2, 3]), b: [array([4, 5])] };
    let state = solver.init(tree.ref(params));
    const counts = new Set<number>();
    for (let i = 0; i < 10; i++) {
      [params, state] = solver.apply({ a: array([1, 2, 3]), b: [array([4, 5])] }, state, params);
      const [updates, next] = solver.update({ a: array([1, 2, 3]), b: [array([4, 5])] }, state, tree.ref(params));
      state = next;
      tree.dispose(updates);
      await blockUntilReady([params, state]);
      counts.add(liveBuffers());
    }
    expect(counts.size).toBe(1);
    tree.dispose([params, state]);
  });

  test("a slot that begins as its parameters holds them without using them up", () => {
    const solver = scheduleFreeAdamw();
    const params = { a: array([1, -0]) };
    const state = solver.init(tree.ref(params));
    const slots = [state.momentum.a, params.a].map((each) => bits(valuesOf(each)));
    expect(slots).toEqual([bits([1, -0]), bits([1, -0])]);
    tree.dispose([params, state]);
  });
});
