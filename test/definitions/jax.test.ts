// A definition on jax-js: its class on both engines, and its pure functions, have the bits of plain numbers.
import { init, jit, numpy as np, tree } from "@jax-js/jax";
import { defineOptimizer, defineTransformation, Variable } from "rmsprop/jax";
import { beforeAll, expect, test } from "vitest";
import { CASES, expectedRun, SHAPES, valuesAt, WHOLE } from "./whole.js";

beforeAll(async () => {
  await init("wasm");
});

const arrayAt = (i: number, step: number): np.Array => np.array(valuesAt(i, step), { shape: [...(SHAPES[i] ?? [])] });

test.each(CASES.flatMap((options) => (["jax", "core"] as const).map((engine) => ({ engine, options }))))(
  "each step of the class has the bits of plain numbers: $engine, $options",
  ({ engine, options }) => {
    const optimizer = new (defineOptimizer(WHOLE))(options, engine);
    const variables = SHAPES.map((_, i) => new Variable(arrayAt(i, -1), { name: `v${i}` }));
    for (const [step, expected] of expectedRun(options).entries()) {
      optimizer.apply(
        SHAPES.map((_, i) => arrayAt(i, step)),
        variables,
      );
      expect(variables.map(({ value }) => Float32Array.from(value))).toEqual(expected);
    }
  },
);

test.each(CASES)("each step of the pure functions has the bits of plain numbers, within jit, with %o", (options) => {
  const { learningRate: _, ...others } = options; // its type has functions that give numbers
  const solver = defineTransformation(WHOLE)(others);
  let params = SHAPES.map((_, i) => arrayAt(i, -1));
  let state = solver.init(tree.ref(params));
  const step = jit((gradients: np.Array[], now: typeof state, held: np.Array[]) => solver.apply(gradients, now, held));
  for (const [at, expected] of expectedRun(options).entries()) {
    [params, state] = step(
      SHAPES.map((_, i) => arrayAt(i, at)),
      state,
      params,
    );
    expect(params.map((each) => Float32Array.from(each.ref.dataSync()))).toEqual(expected);
  }
});
