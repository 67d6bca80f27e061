// Arrays, lists and objects of other realms, and arrays of classes that lie: whatever form the same numbers come in, the
// result is the same in every bit, and it is of this realm.
import {
  constraints,
  deserialize,
  type FloatArray,
  type Gradient,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  type RMSpropOptions,
  saveCheckpoint,
  schedules,
  serialize,
  Variable,
} from "rmsprop";
import { expect, test } from "vitest";
import { abroad, elementsIn, FORMS, thereOf } from "./forms.js";
import { bitsOf, errorOf, numbersOf, onEveryEngine, stateOf } from "./support.js";

const OPTIONS: readonly (readonly [string, RMSpropOptions])[] = [
  ["plain", {}],
  ["with everything", { momentum: 0.9, centered: true, weightDecay: 0.1, useEma: true, globalClipnorm: 0.5 }],
  ["with accumulation", { gradientAccumulationSteps: 2, clipnorm: 0.5 }],
];
const SIZE = 600;
type Form = <A extends FloatArray>(array: A) => A;
const AS_IT_IS: Form = (array) => array;
const forms = Object.entries(FORMS);

/** A run over arrays of the user's own, in float32 and float64; what it leaves. */
function trained(options: RMSpropOptions, form: Form): string[] {
  const of = (seed: number) => form(numbersOf(seed, SIZE));
  const wide = (seed: number) => form(Float64Array.from(numbersOf(seed, SIZE)));
  const texts: string[] = [];
  for (const make of [of, wide]) {
    const variables = [make(1), make(2)];
    const optimizer = new RMSprop({ learningRate: 0.1, ...options });
    for (let call = 0; call < 4; call++) optimizer.apply([make(5 + call), make(10 + call)], variables);
    texts.push(...variables.map((variable) => bitsOf(elementsIn(variable))));
    texts.push(...Object.values(stateOf(optimizer, [])));
  }
  return texts;
}

const isOfThisRealm = (value: object): boolean =>
  [Float32Array, Float64Array, Int32Array].some((type) => Object.getPrototypeOf(value) === type.prototype);

onEveryEngine(() => {
  for (const [name, form] of forms) {
    test.each(OPTIONS)(`arrays ${name} are trained in place, with gradients of the same form (%s)`, (_, options) => {
      expect(trained(options, form)).toEqual(trained(options, AS_IT_IS));
    });

    test(`Variables are made and assigned from arrays ${name}, and keep their type`, () => {
      const made = (given: Form): string[] => {
        const narrow = new Variable(given(numbersOf(1, 6)), { shape: [2, 3] });
        const wide = new Variable(given(Float64Array.from([0.1, 0.2])));
        const rows = new Variable([given(numbersOf(2, 2)), given(numbersOf(3, 2))]);
        narrow.assign(given(numbersOf(4, 6)));
        narrow.assignAdd(given(numbersOf(5, 6))).assignSub([given(numbersOf(6, 3)), given(numbersOf(7, 3))]);
        return [narrow, wide, rows].map((each) => `${each} ${each.dtype} [${each.shape}]`);
      };
      expect(made(form)).toEqual(made(AS_IT_IS));
    });

    test(`a LossScaleOptimizer asks gradients ${name} whether they are finite`, () => {
      const run = (given: Form): Record<string, string> => {
        const variable = new Variable([1, 2, 3]);
        const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 4 });
        for (const last of [1, Number.POSITIVE_INFINITY, 2]) {
          optimizer.apply([given(Float32Array.of(1, 2, last))], [variable]);
        }
        return stateOf(optimizer, [variable]);
      };
      const state = run(form);
      expect(state).toMatchObject({ dynamicScale: "2", iterations: "2" });
      expect(Object.values(state)).toEqual(Object.values(run(AS_IT_IS)));
    });

    test(`a variable that takes its gradient as its value takes one ${name}`, () => {
      const variable = new Variable([1, 2], { overwriteWithGradient: true });
      const optimizer = new RMSprop({ gradientAccumulationSteps: 2 });
      optimizer.apply([form(Float32Array.of(5, -1))], [variable]);
      optimizer.apply([form(Float32Array.of(3, 4))], [variable]);
      expect(variable.toArray()).toEqual([5, 4]);
    });

    test(`saved state is restored from arrays ${name}`, () => {
      const variable = new Variable([1, 2, 3]);
      const optimizer = new RMSprop({ momentum: 0.9 });
      optimizer.apply([numbersOf(1, 3)], [variable]);
      const before = stateOf(optimizer, [variable]);
      const values = optimizer.variables.map(({ value }) => value.slice());
      const weights = optimizer.variables.map(({ shape, value }) => ({ shape, value: form(value.slice()) }));
      optimizer.apply([numbersOf(2, 3)]);
      optimizer.setWeights(weights);
      variable.assign([1, 2, 3]);
      optimizer.loadOwnVariables(Object.fromEntries(weights.map((weight, i) => [i, weight])));
      for (const [i, own] of optimizer.variables.entries()) own.assign(form(values[i] ?? new Float32Array()));
      const after = stateOf(optimizer, [variable]);
      expect({ ...after, "variable 0": "" }).toEqual({ ...before, "variable 0": "" });
    });

    test(`statelessApply takes values, state and gradients ${name}, and gives arrays of this realm`, () => {
      const variable = new Variable([1, 2, 3]);
      const optimizer = new RMSprop();
      optimizer.build([variable]);
      const state = optimizer.variables.map(({ value }) => value.slice());
      const applied = (given: Form) =>
        optimizer.statelessApply(
          state.map((value) => given(value as Float32Array)), // also of counters, whose class FORMS keep
          [given(numbersOf(1, 3))],
          [given(numbersOf(2, 3))],
        );
      const results = applied(form);
      expect(results).toEqual(applied(AS_IT_IS));
      expect(results.flat().every(isOfThisRealm)).toBe(true);
    });

    test(`constraints compute on weights ${name}, and give arrays of this realm`, () => {
      const all = [
        new constraints.NonNeg(),
        new constraints.MaxNorm({ maxValue: 0.5 }),
        new constraints.UnitNorm(),
        new constraints.MinMaxNorm({ minValue: 1, maxValue: 2, rate: 0.5 }),
      ];
      for (const constraint of all) {
        for (const weights of [numbersOf(1, 12), Float64Array.from(numbersOf(2, 12))]) {
          const result = constraint.call(form(weights), [3, 4]);
          expect(result).toEqual(constraint.call(weights, [3, 4]));
          expect(isOfThisRealm(result)).toBe(true);
        }
      }
      const variable = new Variable([1, 2], { constraint: () => form(Float32Array.of(3, 4)) });
      new RMSprop().apply([[1, 1]], [variable]);
      expect(variable.toArray()).toEqual([3, 4]);
    });

    test(`a checkpoint of arrays ${name} gives arrays of this realm back`, () => {
      const run = (given: Form): Uint8Array => {
        const variables = [given(numbersOf(1, 5)), given(Float64Array.from(numbersOf(2, 4)))];
        const optimizer = new RMSprop();
        optimizer.apply([numbersOf(3, 5), Float64Array.from(numbersOf(4, 4))], variables);
        return saveCheckpoint(optimizer, variables);
      };
      expect(run(form)).toEqual(run(AS_IT_IS));
      const { variables } = loadCheckpoint(run(form));
      expect(variables.every(isOfThisRealm)).toBe(true);
    });
  }

  test("lists, options, pairs, names and configs of another realm are taken as those of this one", () => {
    const run = (given: <T>(value: T) => T): string[] => {
      const variables = [new Variable(given([[1, 2]]), given({ name: "kernel" })), new Variable(3, { name: "bias" })];
      const optimizer = new RMSprop(given({ weightDecay: 0.5, learningRate: 0.1 }));
      optimizer.excludeFromWeightDecay(given({ names: [/^bias$/g] }));
      const pairs = given([[given([[1, 1]]) as Gradient, 0] as const, [2 as Gradient, 1] as const]);
      optimizer.applyGradients(
        pairs.map(([gradient, i]) => given([gradient, variables[i] as Variable] as const)) as Iterable<
          readonly [Gradient, Variable]
        >,
      );
      const schedule = new schedules.PiecewiseConstantDecay(given({ boundaries: [1], values: [1, 2] }));
      const config = serialize(new RMSprop({ learningRate: schedule, rho: 0.5 }));
      const constraint = new constraints.MaxNorm(given({ axis: [0, 1] }));
      return [
        ...variables.map(String),
        JSON.stringify(serialize(deserialize(given(config)))),
        JSON.stringify(constraint.getConfig()),
        ...Object.values(loadCheckpoint(saveCheckpoint(optimizer, given(variables), given({ epoch: "3" }))).metadata),
      ];
    };
    expect(run(abroad)).toEqual(run((value) => value));
  });

  test("what is no number is refused in every realm by the same words", () => {
    const refused = (given: <T>(value: T) => T): string[] => {
      const variable = new Variable([1, 2], { name: "v" });
      const optimizer = new RMSprop();
      const acts: readonly (() => unknown)[] = [
        () => new Variable(given(new BigInt64Array(2)) as never),
        () => new Variable(given([1, [2]]) as never),
        () => optimizer.apply([given(Float64Array.of(1, 2))], [variable]),
        () => optimizer.apply([given(Float32Array.of(1, 2, 3))], [variable]),
        () => optimizer.apply([given(Int32Array.of(1, 2)) as never], [variable]),
        () => optimizer.apply(given([1, "2"]) as never, [variable]),
        () => optimizer.apply([[1, 2]], [given(Int32Array.of(1, 2)) as never]),
        () => new RMSprop(given({ rhoo: 1 }) as never),
        () => new schedules.PiecewiseConstantDecay(given({ boundaries: [2, 1], values: [1, 2, 3] })),
        () => loadCheckpoint(given(new Uint8Array(3))),
      ];
      return acts.map((act) => errorOf(act).message);
    };
    expect(refused(abroad)).toEqual(refused((value) => value));
  });

  test("a gradient is of another realm than its list, and so is an error that a function throws", () => {
    const variable = new Variable([1, 2]);
    const optimizer = new RMSprop({
      learningRate: thereOf<() => number>("(() => { throw new TypeError('no rate'); })"),
    });
    expect(() => optimizer.apply(abroad([numbersOf(1, 2)]), [variable])).toThrow("no rate");
    expect([optimizer.built, variable.toArray()]).toEqual([false, [1, 2]]);
  });
});
