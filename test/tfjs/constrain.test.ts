// optimizer.constrain(model): whose constraints a step applies, when, and what is refused. Their numbers are in
// layer-constraints.test.ts, constraints of one's own in own-constraints.test.ts.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { StateError } from "rmsprop";
import {
  type Constrainable,
  FinalizeCallback,
  fitDataset,
  fit as fitModel,
  LossScaleOptimizer,
  RMSprop,
  SGD,
} from "rmsprop/tfjs";
import { describe, expect, test, vi } from "vitest";
import { isWhole } from "../seed.js";
import { bitsOf, memory, variable } from "./backends.js";
import { compiledFor, createModel, end, numberOf, Own, weightOf } from "./constrained-models.js";
import { datasetOf } from "./models.js";
import { onSomeBackend } from "./suite.js";
import { thrownBy } from "./support.js";

onSomeBackend(() => {
  // Keras 3.15.1 with JAX, Dense(1, use_bias=False, kernel_initializer="ones", kernel_constraint="non_neg"), mean squared
  // error, fit of one row 1 -> -6 for 50 epochs: SGD(0.1) and RMSprop(0.5) give 0.0; without the constraint -5.9999003 and -6.0.
  describe("after 50 epochs that pull a weight to -6, nonNeg leaves 0", () => {
    const ARGS = { epochs: 50, verbose: 0, yieldEvery: "never" } as const;
    const WAYS: readonly (readonly [
      string,
      (model: tfl.Sequential, x: tf.Tensor, y: tf.Tensor) => Promise<unknown>,
    ])[] = [
      ["fit", (model, x, y) => fitModel(model, x, y, ARGS)],
      ["fitDataset", (model, x, y) => fitDataset(model, datasetOf({ x, y }, 1), ARGS)],
      ["a FinalizeCallback", (model, x, y) => model.fit(x, y, { ...ARGS, callbacks: new FinalizeCallback(model) })],
      [
        "constrain(), then model.fit",
        (model, x, y) => {
          (model.optimizer as RMSprop).constrain(model);
          return model.fit(x, y, ARGS);
        },
      ],
    ];
    const OPTIMIZERS: readonly (readonly [string, () => RMSprop | SGD | LossScaleOptimizer])[] = [
      ["RMSprop", () => new RMSprop({ learningRate: 0.5 })],
      ["SGD", () => new SGD({ learningRate: 0.1 })],
      ["LossScaleOptimizer", () => new LossScaleOptimizer(new SGD({ learningRate: 0.1 }), { initialScale: 4 })],
    ];
    test.each(WAYS.flatMap(([way, train]) => OPTIMIZERS.map(([name, create]) => [way, name, create, train] as const)))(
      "by %s with %s",
      async (_, name, create, train) => {
        const optimizer = create();
        const model = compiledFor(optimizer);
        const [x, y] = [tf.ones([1, 1]), tf.fill([1, 1], -6)];
        await train(model, x, y);
        expect(bitsOf(weightOf(model))).toBe("00000000");
        end(model, optimizer, x, y, ...(optimizer instanceof LossScaleOptimizer ? [optimizer.innerOptimizer] : []));
        expect(name).toBe(optimizer.constructor.name);
      },
    );

    test("a plain model.fit cannot know it, nor an optimizer of TensorFlow.js, of which fit warns", async () => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const [x, y] = [tf.ones([1, 1]), tf.fill([1, 1], -6)];
      const optimizer = new SGD({ learningRate: 0.1 });
      const [plain, theirs] = [compiledFor(optimizer), compiledFor(tf.train.sgd(0.1))];
      await plain.fit(x, y, ARGS);
      expect(numberOf(plain)).toBeCloseTo(-6, 3);
      expect(warn).not.toHaveBeenCalled();
      await fitModel(theirs, x, y, ARGS);
      expect(numberOf(theirs)).toBeCloseTo(-6, 3);
      expect(warn.mock.calls.join()).toMatch(
        /^rmsprop\/tfjs: the model's optimizer does not apply the constraints of dense_Dense\d+\/kernel\. Compile it with an optimizer of "rmsprop\/tfjs"\.$/,
      );
      warn.mockRestore();
      end(plain, theirs.optimizer, theirs, optimizer, x, y);
    });
  });

  test("validation sees weights that obey", async () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const model = compiledFor(optimizer);
    const [x, y] = [tf.ones([1, 1]), tf.fill([1, 1], -6)];
    const { history } = await fitModel(model, x, y, { epochs: 5, verbose: 0, validationData: [x, y] });
    // Of the weight 0: (0 + 6) squared.
    expect(history.val_loss?.at(-1)).toBe(36);
    end(model, optimizer, x, y);
  });

  test("fit refuses what it cannot apply before it begins, so that the model can be trained afterwards", async () => {
    const optimizer = new SGD();
    const model = compiledFor(optimizer, tfl.constraints.unitNorm({ axis: 5 }));
    const [x, y] = [tf.ones([1, 1]), tf.ones([1, 1])];
    await expect(fitModel(model, x, y, { epochs: 1, verbose: 0 })).rejects.toThrow("UnitNorm: axis must name axes");
    expect(optimizer.iterations).toBe(0);
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    end(model, optimizer, x, y);
  });

  test("composed of operations, the weights are near those of kernels", () => {
    const { maxNorm, minMaxNorm, nonNeg, unitNorm } = tfl.constraints;
    const several = { axis: [0, 1] } as unknown as { axis: number }; // its documentation has several
    const constraints = [
      nonNeg(),
      ...[unitNorm({ axis: 0 }), unitNorm({ axis: -1 }), maxNorm({ maxValue: 0.5, ...several })],
      minMaxNorm({ minValue: 0.2, maxValue: 0.4, rate: 0.5, axis: 1 }),
    ];
    const run = (isFused: boolean): number[][] => {
      tf.env().set("RMSPROP_FUSED", isFused);
      const optimizer = new RMSprop({ learningRate: 0.1, gradientAccumulationSteps: 2 });
      const weights = constraints.map((constraint, i) => {
        const own = variable([[0.5, -0.25, 2], [i + 1, 0, -1]], `composed_${isFused}_${i}`); // biome-ignore format: rows
        return { name: own.name, constraint, read: () => own };
      });
      const variables = weights.map(({ read }) => read());
      optimizer.constrain({ weights });
      tf.tidy(() => {
        for (let i = 0; i < 5; i++) optimizer.apply(variables.map((each) => tf.sub(each, i)), variables); // biome-ignore format: one step
      });
      expect(optimizer.stepCounts.composed).toBe(isFused ? 0 : 5);
      const values = variables.map((each) => [...each.dataSync()]);
      end(optimizer, ...variables);
      return values;
    };
    const [fused, composed] = [run(true), run(false)];
    tf.env().set("RMSPROP_FUSED", true);
    for (const [i, values] of fused.entries()) {
      for (const [j, value] of values.entries()) expect(composed[i]?.[j]).toBeCloseTo(value, 5);
    }
  });

  test("-0 becomes 0, NaN stays, and a scalar is a norm of its own", () => {
    const optimizer = new SGD({ learningRate: 1 });
    const values = variable([-0, Number.NaN, -1]);
    const scalar = variable(-4);
    const unitNorm = tfl.constraints.unitNorm({ axis: 0 });
    const weights = [
      { name: "values", constraint: tfl.constraints.nonNeg(), read: () => values },
      { name: "scalar", constraint: unitNorm, read: () => scalar },
    ];
    optimizer.constrain({ weights });
    tf.tidy(() => optimizer.apply([tf.zeros([3]), tf.scalar(0)], [values, scalar]));
    expect([...values.dataSync()]).toEqual([0, Number.NaN, 0]);
    expect([...scalar.dataSync()]).toEqual([-1]);
    end(optimizer, values, scalar);
  });

  test("numbers that a clone shares stay as they were, also where a step only gathers", () => {
    const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 2 });
    const weight = variable([3, 4]);
    const constraint = tfl.constraints.unitNorm({ axis: 0 });
    optimizer.constrain({ weights: [{ name: "weight", constraint, read: () => weight }] });
    const clone = weight.clone();
    tf.tidy(() => optimizer.apply([tf.ones([2])], [weight]));
    expect([...clone.dataSync()]).toEqual([3, 4]);
    // As in Keras, whose weights obey after each call: 3 / (1e-7 + 5).
    expect(weight.dataSync()[0]).toBeCloseTo(0.6, 6);
    end(optimizer, weight, clone);
  });

  test("a step that a LossScaleOptimizer leaves out applies none", () => {
    const inner = new SGD({ learningRate: 1 });
    const optimizer = new LossScaleOptimizer(inner, { initialScale: 1 });
    const model = compiledFor(optimizer);
    const weight = weightOf(model);
    inner.constrain(model); // which trains it, too
    tf.tidy(() => weight.assign(tf.fill([1, 1], -3)));
    tf.tidy(() => optimizer.apply([tf.fill([1, 1], Number.POSITIVE_INFINITY)], [weight]));
    expect(numberOf(model)).toBe(-3);
    tf.tidy(() => optimizer.apply([tf.zeros([1, 1])], [weight]));
    expect(numberOf(model)).toBe(0);
    end(model, optimizer, inner);
  });

  test("variables without a gradient are left alone, frozen layers that are thawed obey", () => {
    const optimizer = new SGD({ learningRate: 1 });
    const [model, frozen] = [createModel("nonNeg"), createModel("nonNeg", false)];
    for (const each of [model, frozen]) optimizer.constrain(each);
    const variables = [weightOf(model), weightOf(frozen)];
    tf.tidy(() => variables[1]?.assign(tf.fill([1, 1], -7)));
    tf.tidy(() => optimizer.apply([tf.fill([1, 1], 5), null], variables));
    expect([model, frozen].map(numberOf)).toEqual([0, -7]);
    for (const layer of frozen.layers) layer.trainable = true;
    tf.tidy(() => optimizer.apply([tf.zeros([1, 1]), tf.zeros([1, 1])], variables));
    expect([model, frozen].map(numberOf)).toEqual([0, 0]);
    end(model, frozen, optimizer);
  });

  test("another call replaces what was known of a model, and nothing of others", () => {
    const optimizer = new SGD({ learningRate: 1 });
    const [own, other] = [variable(1), variable(1)];
    const weightsWith = (read: () => tf.Variable, constraint: unknown): Constrainable => ({
      weights: [{ name: "weight", constraint, read }],
    });
    const step = () => tf.tidy(() => optimizer.apply([tf.scalar(5), tf.scalar(5)], [own, other]));
    for (const each of [own, other]) optimizer.constrain(weightsWith(() => each, tfl.constraints.nonNeg()));
    step();
    expect([own, other].map((each) => each.dataSync()[0])).toEqual([0, 0]);
    optimizer.constrain(weightsWith(() => own, null));
    step();
    expect([own, other].map((each) => each.dataSync()[0])).toEqual([-5, 0]);
    end(optimizer, own, other);
  });

  test("models that were disposed of are forgotten, and saved state knows nothing of constraints", async () => {
    const [optimizer, twin] = [new RMSprop(), new RMSprop()];
    const [gone, model] = [createModel("nonNeg"), createModel("nonNeg")];
    for (const each of [gone, model]) optimizer.constrain(each);
    for (const each of [optimizer, twin]) tf.tidy(() => each.apply([tf.ones([1, 1])], [weightOf(model)]));
    expect((await optimizer.getWeights()).map(({ name }) => name)).toEqual(
      (await twin.getWeights()).map(({ name }) => name),
    );
    gone.dispose();
    tf.tidy(() => optimizer.apply([tf.ones([1, 1])], [weightOf(model)]));
    expect(() => optimizer.constrain(gone)).toThrow(/disposed/);
    end(model, optimizer, twin);
  });

  /** `npm run test:package` takes a thousand. */
  const STEPS = isWhole ? 1_000 : 100;
  test.each([true, false])(`as many tensors and bytes after each of ${STEPS} steps (fused: %s)`, (isFused) => {
    tf.env().set("RMSPROP_FUSED", isFused);
    const { maxNorm, nonNeg, unitNorm } = tfl.constraints;
    const constraints = [unitNorm({ axis: 0 }), nonNeg(), new Own((weights) => tf.neg(weights)), maxNorm({ axis: 0 })];
    const optimizer = new RMSprop({ momentum: 0.9, useEma: true, gradientAccumulationSteps: 2 });
    const models = constraints.map((constraint) => createModel(constraint));
    const variables = models.map(weightOf);
    const step = () => {
      for (const model of models) optimizer.constrain(model);
      tf.tidy(() => optimizer.apply(variables.map((each) => tf.sub(each, 3)), variables)); // biome-ignore format: one step
    };
    for (let i = 0; i < 2; i++) step();
    const after = memory();
    for (let i = 0; i < STEPS; i++) {
      step();
      if (memory().numTensors !== after.numTensors) break;
    }
    expect(memory()).toEqual(after);
    tf.env().set("RMSPROP_FUSED", true);
    end(optimizer, ...models);
  });
});

describe("what is refused, before anything has changed", () => {
  const { maxNorm, minMaxNorm } = tfl.constraints;
  const weightsOf = (constraint: unknown, shape = [2, 3]): Constrainable => {
    const own = tf.tidy(() => tf.variable(tf.zeros(shape)));
    return { weights: [{ name: "weight", constraint, read: () => own }] };
  };
  const CASES: readonly (readonly [string, () => unknown, ErrorConstructor, string | RegExp])[] = [
    ["nothing", () => undefined, TypeError, "RMSprop: model must be a model or a layer of tfjs-layers; received model=undefined."],
    ["a tensor", () => tf.scalar(1), TypeError, /received model=an object of Tensor/],
    ["weights that are a map", () => ({ weights: {} }), TypeError, /other models and tensors do not have layers/],
    ["a list of tensors", () => ({ weights: [tf.scalar(1)] }), TypeError, /model\.weights\[0\] must be the weight of a layer/],
    ["a model without layers", () => tfl.sequential(), RangeError, /model must be built; received model=one without weights/],
    ["a model of another optimizer", () => compiledFor(tf.train.adam(0.1)), RangeError, /received model=sequential_\d+, compiled with another AdamOptimizer\. Compile it with this one/],
    ["a model of another one of ours", () => compiledFor(new SGD()), RangeError, /call constrain\(model\) of model\.optimizer/],
    ["a constraint that cannot be applied", () => weightsOf({ call() {} }), TypeError, /model\.weights\[0\]\.constraint must have apply\(weights\)/],
    ["an axis that a weight lacks", () => weightsOf(maxNorm({ axis: 2 })), RangeError, /MaxNorm: axis must name axes of the shape \[2, 3\]/],
    ["a norm below zero", () => weightsOf(maxNorm({ maxValue: -1, axis: 0 })), RangeError, /MaxNorm: maxValue must be/],
    ["a rate above 1", () => weightsOf(minMaxNorm({ rate: 2, axis: 0 })), RangeError, /MinMaxNorm: rate must be/],
  ]; // biome-ignore format: a table
  test.each(CASES)("%s", (_, create, error, message) => {
    const optimizer = new RMSprop();
    const model = create() as Constrainable; // or what is not one
    const thrown = thrownBy(() => optimizer.constrain(model));
    expect(thrown).toBeInstanceOf(error);
    expect(thrown.message).toMatch(message);
    optimizer.dispose();
  });

  test("a call after dispose(), and within a step", () => {
    const optimizer = new RMSprop();
    const model = createModel("nonNeg");
    const scheduled = new RMSprop({
      learningRate: () => {
        scheduled.constrain(model);
        return 0.1;
      },
    });
    expect(() => tf.tidy(() => scheduled.apply([tf.ones([1, 1])], [weightOf(model)]))).toThrow(StateError);
    optimizer.dispose();
    expect(() => optimizer.constrain(model)).toThrow(StateError);
    end(model, scheduled);
  });
});
