// What the compiler knows: a mistake that it can see is an error of types, and results have the types that one expects.
// What it accepts runs here, too; what it refuses stands after @ts-expect-error and is refused at run time as well.
import {
  type AnyOptimizer,
  constraints,
  defineOptimizer,
  defineRule,
  type FloatArray,
  get,
  type KerasConfig,
  LossScaleOptimizer,
  type NestedNumbers,
  Optimizer,
  type OptimizerVariable,
  RMSprop,
  schedules,
  Variable,
} from "rmsprop";
import { beforeEach, expect, expectTypeOf, test, vi } from "vitest";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

const Momentum = defineOptimizer({
  className: "Momentum",
  options: { momentum: { default: 0.9 }, nesterov: { default: false } },
  constants: ({ momentum }) => ({ momentum }),
  rule: defineRule({
    slots: ["velocity"],
    scalars: ["momentum"],
    update(op, x, k) {
      const velocity = op.sub(op.mul(k.momentum, x.velocity), op.mul(k.learningRate, x.gradient));
      return { variable: op.add(x.variable, velocity), velocity };
    },
  }),
});

test("results have the types that one expects", () => {
  const v = new Variable([1, 2]);
  const optimizer = new RMSprop({ useEma: true });
  optimizer.build([v]);
  expectTypeOf(v.value).toEqualTypeOf<FloatArray>();
  expectTypeOf(v.toArray()).toEqualTypeOf<NestedNumbers>();
  expectTypeOf(new Variable(1).item()).toEqualTypeOf<number>();
  expectTypeOf(optimizer.learningRate).toEqualTypeOf<number>();
  expectTypeOf(optimizer.variables).toEqualTypeOf<OptimizerVariable[]>();
  expectTypeOf(optimizer.getConfig()).toEqualTypeOf<KerasConfig>();
  expectTypeOf(optimizer.minimize(() => ({ value: 1, gradients: [[1, 1]] }))).toEqualTypeOf<number>();
  expectTypeOf(optimizer.withAverage(() => 1)).toEqualTypeOf<number>();
  expectTypeOf(optimizer.withAverage(async () => "a")).toEqualTypeOf<Promise<string>>();
  expectTypeOf(optimizer.hyper.centered).toEqualTypeOf<boolean>();
  expectTypeOf(RMSprop.fromConfig({})).toEqualTypeOf<RMSprop>();
  expectTypeOf(LossScaleOptimizer.fromConfig).returns.toEqualTypeOf<LossScaleOptimizer>();
  expectTypeOf(get("rmsprop")).toEqualTypeOf<AnyOptimizer>();
  expectTypeOf(new schedules.CosineDecay({ initialLearningRate: 1, decaySteps: 1 }).call(0)).toEqualTypeOf<number>();
  expectTypeOf(new Momentum().hyper.momentum).toEqualTypeOf<number>();
  expect(new Momentum()).toBeInstanceOf(Optimizer);
});

test("what is allowed at run time is allowed by types", () => {
  const [a, b] = [new Variable([1, 2]), Float64Array.of(1, 2)];
  const optimizer = new RMSprop({ learningRate: () => 0.1, clipnorm: null, name: "mine" });
  optimizer.apply([[1, 1], Float64Array.of(1, 1)], [a, b]);
  optimizer.apply([null, [1, 1]]);
  optimizer.apply([new Variable([1, 1]), null]);
  optimizer.applyGradients([[[1, 1], a]]);
  optimizer.applyGradients(new Map([[Float32Array.of(1, 1), a]]));
  optimizer.learningRate = new schedules.CosineDecay({ initialLearningRate: 1, decaySteps: 1 });
  optimizer.learningRate = () => 0.1;
  const anyOptimizer: Optimizer = new Momentum({ momentum: 0.5, weightDecay: 0.1 });
  const wrapped: AnyOptimizer = new LossScaleOptimizer(anyOptimizer);
  expect(wrapped.built).toBe(false);
  expect(new Variable([[1], [2]], { constraint: (value) => value.map(Math.abs) }).size).toBe(2);
  expect(new Variable(1, { constraint: new constraints.NonNeg() }).size).toBe(1);
});

test("what is refused at run time is refused by types", () => {
  const v = new Variable(1);
  const optimizer = new RMSprop();
  const refused: readonly (() => unknown)[] = [
    // @ts-expect-error options are one object
    () => new RMSprop(0.001),
    // @ts-expect-error spelt in camelCase
    () => new RMSprop({ learning_rate: 0.1 }),
    // @ts-expect-error not an argument
    () => new RMSprop({ beta1: 0.9 }),
    // @ts-expect-error a number
    () => new RMSprop({ rho: "0.9" }),
    // @ts-expect-error no number can be null but those that are off by default
    () => new RMSprop({ rho: null }),
    // @ts-expect-error an instance, not the class
    () => new RMSprop({ learningRate: schedules.CosineDecay }),
    // @ts-expect-error an array of gradients
    () => optimizer.apply(1, [v]),
    // @ts-expect-error null for none
    () => optimizer.apply([undefined], [v]),
    // @ts-expect-error numbers
    () => optimizer.apply(["1"], [v]),
    // @ts-expect-error an array of variables
    () => optimizer.apply([1], v),
    // @ts-expect-error a Variable or a float array
    () => optimizer.apply([1], [1]),
    // @ts-expect-error a function
    () => optimizer.minimize(1, [v]),
    // @ts-expect-error its result is { value, gradients }
    () => optimizer.minimize(() => ({ loss: 1, gradients: [1] }), [v]),
    // @ts-expect-error nothing is awaited
    () => optimizer.minimize(async () => ({ value: 1, gradients: [1] }), [v]),
    // @ts-expect-error a list of names
    () => optimizer.excludeFromWeightDecay({ names: "bias" }),
    // @ts-expect-error numbers
    () => new Variable("1"),
    // @ts-expect-error two types are trained
    () => new Variable(1, { dtype: "float16" }),
    // @ts-expect-error it wraps an optimizer
    () => new LossScaleOptimizer("rmsprop"),
    // @ts-expect-error what belongs to the optimizer within
    () => new LossScaleOptimizer(new RMSprop(), { clipnorm: 1 }),
    // @ts-expect-error all that has no default
    () => new schedules.ExponentialDecay({ initialLearningRate: 0.1 }),
    // @ts-expect-error not an argument
    () => new Momentum({ rho: 0.9 }),
    // @ts-expect-error a boolean
    () => new Momentum({ nesterov: 1 }),
  ];
  for (const act of refused) expect(act, String(act)).toThrow(/ must .*; received /);
});

test("a rule's slots and scalars are known to its update", () => {
  const declared = defineRule({
    slots: ["velocity"],
    scalars: ["rate"],
    update(op, x, k) {
      // @ts-expect-error no such slot
      const missing: unknown = x.momentum;
      // @ts-expect-error no such scalar
      const unknown: unknown = k.rho;
      const rate: typeof x.velocity = k.rate;
      expect([missing, unknown]).toEqual([undefined, undefined]);
      return { variable: op.sub(x.variable, op.mul(rate, x.gradient)), velocity: x.velocity };
    },
  });
  expect(declared.slots).toEqual(["velocity"]);
});
