// Whatever a state becomes, it can be saved, restored and gone on with in every bit; a count comes to its end without harm.
import { numpy as np, tree } from "@jax-js/jax";
import type { RMSpropOptions, SavedArray } from "rmsprop";
import { RMSprop, rmsprop, type TransformationOptions, Variable } from "rmsprop/jax";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import {
  drawGradients,
  drawKind,
  drawValues,
  type Kind,
  type Subject as SubjectOf,
  sizeOf,
} from "../contract/any-state.js";
import { isWhole, SEED } from "../seed.js";
import { array, bits, onSomeBackend, valuesOf } from "./backends.js";

/** States of a run of the suite; `npm run test:random` and `npm run test:package` take more. */
const STATES = Number(process.env.RMSPROP_STATES ?? (isWhole ? 25 : 10));

type Subject = SubjectOf<RMSprop, Variable>;

function made({ options, specs }: Kind, engine: "jax" | "core", values?: readonly Float32Array[]): Subject {
  const optimizer = new RMSprop(options, engine);
  const variables = specs.map(({ name, shape }, i) => {
    return new Variable(array(values?.[i] ?? new Float32Array(sizeOf(shape)), shape), { name });
  });
  optimizer.build(variables);
  return { optimizer, variables };
}

const state = ({ optimizer, variables }: Subject): string =>
  JSON.stringify([
    ...optimizer.variables.map(({ dtype, value }) => [dtype, dtype.startsWith("int") ? `${value}` : bits(value)]),
    ...variables.map(({ value }) => bits(value)),
  ]);

function dispose({ optimizer, variables }: Subject): void {
  optimizer.dispose();
  for (const variable of variables) variable.dispose();
}

onSomeBackend(() => {
  describe.each(["jax", "core"] as const)("engine %s", (engine) => {
    test(`${STATES} random states go on in every bit in another optimizer`, () => {
      const random = createRandom(18 + SEED);
      for (let i = 0; i < STATES; i++) {
        const kind = drawKind(random, { float64: false, scaling: false });
        const subject = made(kind, engine);
        subject.optimizer.setWeights(
          subject.optimizer.variables.map(({ name, shape }) => {
            return { shape, value: Float64Array.from(drawValues(random, sizeOf(shape), name)) };
          }),
        );
        const store: Record<string, SavedArray> = {};
        subject.optimizer.saveOwnVariables(store);
        const twin = made(
          kind,
          engine,
          subject.variables.map(({ value }) => value),
        );
        twin.optimizer.loadOwnVariables(store);
        for (let after = 0; after < 2; after++) {
          const gradients = drawGradients(
            random,
            subject.variables.map(({ size }) => size),
          );
          for (const { optimizer, variables } of [subject, twin]) {
            optimizer.apply(
              gradients.map((gradient, at) => array(gradient, variables[at]?.shape)),
              variables,
            );
          }
          expect(state(twin)).toBe(state(subject));
        }
        for (const each of [subject, twin]) dispose(each);
      }
    });
  });

  test("counters are restored before it is built, and slots are asked for by name", () => {
    const optimizer = new RMSprop();
    optimizer.loadOwnVariables({ 0: 7, 1: 0.5 });
    expect([optimizer.iterations, optimizer.learningRate, optimizer.built]).toEqual([7, 0.5, false]);
    expect(() => optimizer.loadOwnVariables({ 0: 7, 1: 0.5, 2: [1, 2] })).toThrow("call build(variables) first");
    optimizer.dispose();
  });

  const TURNS: readonly (readonly [string, RMSpropOptions & TransformationOptions, number])[] = [
    ["the plain step", {}, 1],
    ["accumulation", { gradientAccumulationSteps: 3 }, 3],
    ["averages that overwrite", { useEma: true, emaOverwriteFrequency: 4, emaMomentum: 0.5 }, 4],
    ["both", { gradientAccumulationSteps: 2, useEma: true, emaOverwriteFrequency: 3, emaMomentum: 0.5 }, 6],
  ];
  test.each(TURNS)("the pure functions go on beyond 2^31 calls as before, turn by turn: %s", (_, options, turn) => {
    const solver = rmsprop(options);
    /** The count, and the parameter before and after each of some calls from a count on. */
    const run = (count: number): string[] => {
      let params = { w: array([1, -2]) };
      let own = solver.init(tree.ref(params));
      own.iteration.dispose();
      own.iteration = np.array(count, { dtype: np.int32 });
      const seen = Array.from({ length: 2 * turn }, () => {
        [params, own] = solver.apply({ w: array([0.5, -0.25]) }, own, params);
        return bits(valuesOf(params.w));
      });
      const last: unknown = own.iteration.ref.js();
      expect(last).toBeGreaterThan(0);
      tree.dispose([params, own]);
      return seen;
    };
    const near = 2 ** 31 - 1 - turn;
    expect(run(near)).toEqual(run(near - turn * 1000));
  });
});
