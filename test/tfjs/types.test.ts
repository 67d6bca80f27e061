// What TypeScript accepts and refuses under the strictest settings, without casts; the type checker runs this, too.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import * as core from "rmsprop";
import {
  type FinalizeCallback,
  fitDataset,
  fit as fitModel,
  LossScaleOptimizer,
  Optimizer,
  RMSprop,
  type RMSpropOptions,
} from "rmsprop/tfjs";
import { expect, expectTypeOf, test } from "vitest";
import { bits, bitsOf, variable } from "./backends.js";
import { onSomeBackend } from "./suite.js";

test("options, methods and callbacks have their types", () => {
  expectTypeOf<RMSprop["minimize"]>().toExtend<tf.Optimizer["minimize"]>();
  expectTypeOf<RMSprop["minimize"]>().toExtend<(f: () => tf.Scalar, variables: tf.Variable[]) => tf.Scalar | null>();
  expectTypeOf(new RMSprop().minimize).returns.toEqualTypeOf<tf.Scalar | null>();
  expectTypeOf(new RMSprop().learningRate).toEqualTypeOf<number>();
  expectTypeOf(() => new RMSprop().withAverage(async () => 1)).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(fitModel).returns.toEqualTypeOf<Promise<tfl.History>>();
  expectTypeOf(fitDataset).returns.toEqualTypeOf<Promise<tfl.History>>();
  expectTypeOf<FinalizeCallback>().toExtend<tfl.Callback>();
  const learningRate = new core.schedules.ExponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 });
  const options: RMSpropOptions[] = [
    {},
    { learningRate },
    { learningRate: () => 0.1 },
    { weightDecay: null, clipnorm: 1 },
  ];
  expect(options.map((each) => new RMSprop(each).iterations)).toEqual([0, 0, 0, 0]);
});

onSomeBackend(() => {
  test("an RMSprop is a tf.Optimizer wherever one is asked for", () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: new RMSprop(), loss: "meanSquaredError" });
    model.compile({
      optimizer: new LossScaleOptimizer(new RMSprop()),
      loss: "meanSquaredError",
      metrics: ["accuracy"],
    });
    const optimizers: tf.Optimizer[] = [new RMSprop({ rho: 0.5 }), new LossScaleOptimizer(new RMSprop())];
    expect(optimizers.every((optimizer) => optimizer instanceof tf.Optimizer)).toBe(true);
    const sgd = tf.train.sgd(1);
    expect([sgd instanceof RMSprop, new RMSprop() instanceof LossScaleOptimizer]).toEqual([false, false]);
    tf.serialization.registerClass(RMSprop);
    tf.serialization.registerClass(LossScaleOptimizer);
    for (const made of [model, sgd]) made.dispose();
  });

  test("models of every kind, fit and its callbacks take an RMSprop without casts", async () => {
    const input = tfl.input({ shape: [2] });
    const outputs = tfl.layers.dense({ units: 1 }).apply(input);
    if (Array.isArray(outputs) || outputs instanceof tf.Tensor) throw new TypeError("one symbolic tensor");
    const model = tfl.model({ inputs: input, outputs });
    const optimizer = new RMSprop({ useEma: true, learningRate: () => 0.1 });
    const args: tfl.ModelCompileArgs = { optimizer, loss: "meanSquaredError" };
    model.compile(args);
    const [x, y] = [tf.ones([2, 2]), tf.ones([2, 1])];
    const onEpochBegin = (): void => {
      optimizer.learningRate = 0.05;
    };
    const { epoch } = await fitModel(model, x, y, { epochs: 2, verbose: 0, callbacks: { onEpochBegin } });
    expect(epoch).toEqual([0, 1]);
    expect(optimizer.learningRate).toBe(Math.fround(0.05));
    for (const made of [model, optimizer, x, y]) made.dispose();
  });

  test("setters take what constructors take, lists may be readonly", () => {
    const optimizer = new RMSprop();
    const decay = { initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 };
    optimizer.learningRate = () => 0.5;
    optimizer.learningRate = new core.schedules.ExponentialDecay(decay);
    expectTypeOf(optimizer.learningRate).toEqualTypeOf<number>();
    const variables: readonly tf.Variable[] = [variable([1, 2], "v")];
    const gradients: readonly (tf.Tensor | null)[] = variables;
    optimizer.apply(gradients, variables);
    optimizer.finalizeVariableValues(variables);
    optimizer.excludeFromWeightDecay satisfies (exclusion: { readonly variables: readonly tf.Variable[] }) => void;
    expect(() => {
      // @ts-expect-error a string is no learning rate
      optimizer.learningRate = "0.1";
    }).toThrow(TypeError);
    // @ts-expect-error layers' weights are not variables
    expect(() => optimizer.apply(gradients, tfl.layers.dense({ units: 1 }).weights)).toThrow(RangeError);
    for (const made of [optimizer, ...variables]) made.dispose();
  });

  test("mistakes are refused by the type checker", () => {
    // @ts-expect-error TensorFlow.js' positional arguments
    expect(() => new RMSprop(0.001, 0.9)).toThrow(TypeError);
    // @ts-expect-error Keras' spelling
    expect(() => new RMSprop({ learning_rate: 0.1 })).toThrow(TypeError);
    // @ts-expect-error a number for a flag
    expect(() => new RMSprop({ centered: 1 })).toThrow(TypeError);
    const sgd = tf.train.sgd(0.1);
    // @ts-expect-error an optimizer of TensorFlow.js
    expect(() => new LossScaleOptimizer(sgd)).toThrow(TypeError);
    sgd.dispose();
    // @ts-expect-error a loss that is no scalar tensor
    expect(() => new RMSprop().minimize(() => 3)).toThrow();
  });

  test("an optimizer of one's own is a definition and a class of three lines", () => {
    type Hyper = { readonly decay: number };
    const definition: core.OptimizerDefinition<core.OptionsOf<Hyper>> = {
      className: "Heavy",
      options: { decay: { default: 0.5 } },
      constants: ({ decay }) => ({ decay }),
      rule: core.defineRule({
        slots: ["weight"],
        scalars: ["decay"],
        update(op, x, k) {
          const weight = op.add(op.mul(k.decay, x.weight), x.gradient);
          return { variable: op.sub(x.variable, op.mul(k.learningRate, core.sign(op, weight))), weight };
        },
      }),
    };
    class Heavy extends Optimizer<Hyper> {
      constructor(options: core.OptimizerOptions<Hyper> = {}) {
        super(definition, options);
      }
    }
    const Reference = core.defineOptimizer(definition);
    const [optimizer, reference] = [
      new Heavy({ learningRate: 0.1, decay: 0.25, useEma: true }),
      new Reference({ learningRate: 0.1, decay: 0.25, useEma: true }),
    ];
    const v = variable([1, -2, 0], "v");
    const ours = new core.Variable([1, -2, 0], { name: "v" });
    for (let call = 0; call < 3; call++) {
      reference.apply([Float32Array.of(1, -1, call)], [ours]);
      tf.tidy(() => optimizer.apply([tf.tensor1d([1, -1, call])], [v]));
    }
    expect(bitsOf(v)).toBe(bits(ours.value));
    expect(optimizer.variables.map(({ path, value }) => [path, bits(value)])).toEqual(
      reference.variables.map(({ path, value }) => [path, bits(value)]),
    );
    expect([optimizer.getClassName(), optimizer.name]).toEqual(["Heavy", "heavy"]);
    for (const made of [optimizer, reference, v, ours]) made.dispose();
  });
});
