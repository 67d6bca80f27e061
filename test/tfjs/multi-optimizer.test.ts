// MultiOptimizer for TensorFlow.js: the bits of core's, in fit, saved and loaded, without a tensor left behind.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import * as core from "rmsprop";
import {
  Adam,
  fit as fitModel,
  LossScaleOptimizer,
  loadCheckpoint,
  MultiOptimizer,
  OptimizerMap,
  RMSprop,
  SGD,
  saveCheckpoint,
} from "rmsprop/tfjs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isWhole } from "../seed.js";
import { bitsOf, memory, variable } from "./backends.js";
import { loaded, saved } from "./files.js";
import { onSomeBackend } from "./suite.js";
import { thrownBy } from "./support.js";

/** `npm run test:package` takes a thousand. */
const STEPS = isWhole ? 1_000 : 100;
const SIZES = [1, 130, 7, 300];
const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed * 12.9898 + i * 78.233) * 3));

const OPTIONS = {
  a: { momentum: 0.9, weightDecay: 0.01, useEma: true },
  b: { gradientAccumulationSteps: 2, learningRate: 0.1 },
} as const;

/** The same optimizer of any face. */
function parts<A, B>(
  RMSpropClass: new (options: typeof OPTIONS.a) => A,
  AdamClass: new (options: typeof OPTIONS.b) => B,
): { readonly a: A; readonly b: B } {
  return { a: new RMSpropClass(OPTIONS.a), b: new AdamClass(OPTIONS.b) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** A model whose first layer has another rate: names of layers are those of Keras' test. */
function modelOf(optimizer: tf.Optimizer, prefix: string): tfl.LayersModel {
  const dense = (units: number, name: string, inputShape?: number[]): tfl.layers.Layer =>
    tfl.layers.dense({
      ...{ units, name: `${prefix}_${name}`, kernelInitializer: "ones", useBias: false },
      ...(inputShape && { inputShape }),
    });
  const model = tfl.sequential({ layers: [dense(2, "dense_1", [1]), dense(1, "dense_2")] });
  model.compile({ loss: "meanSquaredError", optimizer });
  return model;
}

const kernels = (model: tfl.LayersModel): number[][] => model.getWeights().map((each) => [...each.dataSync()]);
const rounded = (values: readonly number[][]): number[][] =>
  values.map((each) => each.map((x) => Number(x.toFixed(6))));

onSomeBackend(() => {
  for (const globalClipnorm of [null, 0.5]) {
    test(`has the bits of core's with globalClipnorm=${globalClipnorm}`, () => {
      const [tensors, own] = [
        SIZES.map((size, i) => variable(numbers(size, i), `${"ab"[i % 2]}_${i}`)),
        SIZES.map((size, i) => new core.Variable(numbers(size, i), { name: `${"ab"[i % 2]}_${i}` })),
      ];
      const [{ a, b }, ours] = [parts(RMSprop, Adam), parts(core.RMSprop, core.Adam)];
      const options = { globalClipnorm, lossScaleFactor: 4 };
      const multi = new MultiOptimizer(new OptimizerMap(b, { "a_.*": a }), options);
      const expected = new core.MultiOptimizer(new core.OptimizerMap(ours.b, { "a_.*": ours.a }), options);
      for (let step = 0; step < 5; step++) {
        const gradients = SIZES.map((size, i) => numbers(size, 50 + 10 * step + i));
        tf.tidy(() =>
          multi.apply(
            gradients.map((each) => tf.tensor1d(each)),
            tensors,
          ),
        );
        expected.apply(gradients, own);
      }
      multi.finalizeVariableValues();
      expected.finalizeVariableValues(own);
      expect(tensors.map((each) => [...each.dataSync()])).toEqual(own.map(({ value }) => [...value]));
      expect(multi.variables.map(({ path, value }) => [path, [...value]])).toEqual(
        expected.variables.map(({ path, value }) => [path, [...value]]),
      );
      expect([multi, ...multi.optimizers].map(({ iterations }) => iterations)).toEqual([5, 5, 2]);
      expect(multi.stepCounts).toMatchObject({ fused: 5, composed: 0 });
      multi.dispose();
      tf.dispose(tensors);
    });
  }

  test("composed of TensorFlow.js' own operations it has one norm over all, too", () => {
    tf.env().set("RMSPROP_FUSED", false);
    const steps = [1, 0.5].map((globalClipnorm, i) => {
      const v = [variable([3], `a_${i}`), variable([4], `b_${i}`)];
      const optimizer =
        i === 0
          ? new SGD({ globalClipnorm, learningRate: 1 })
          : new MultiOptimizer(
              new OptimizerMap(new SGD({ learningRate: 1 }), { "a_.*": new SGD({ learningRate: 2 }) }),
              { globalClipnorm },
            );
      tf.tidy(() => optimizer.apply([tf.tensor1d([3]), tf.tensor1d([4])], v));
      const values = v.map((each) => each.dataSync()[0] ?? 0);
      optimizer.dispose();
      tf.dispose(v);
      return values.map((value) => Number(value.toFixed(5)));
    });
    tf.env().set("RMSPROP_FUSED", true);
    expect(steps).toEqual([
      [2.4, 3.2],
      [2.4, 3.6],
    ]);
  });

  for (const train of ["model.fit", "fit"]) {
    test(`test_multi_optimizer_with_model_fit: each layer has its rate in ${train}`, async () => {
      const map = new OptimizerMap(new SGD({ learningRate: 0.1 }), {
        [`.*${train === "fit" ? "ours" : "plain"}_dense_1/.*`]: new SGD({ learningRate: 1e-3 }),
        ".*dense_2/.*": new SGD({ learningRate: 1e-2 }),
      });
      const optimizer = new MultiOptimizer(map);
      const model = modelOf(optimizer, train === "fit" ? "ours" : "plain");
      const [x, y] = [tf.ones([1, 1]), tf.zeros([1, 1])];
      const args = { batchSize: 1, epochs: 1, verbose: 0 } as const;
      await (train === "fit" ? fitModel(model, x, y, args) : model.fit(x, y, args));
      // As Keras' own test has them.
      expect(rounded(kernels(model))).toEqual([
        [0.996, 0.996],
        [0.96, 0.96],
      ]);
      expect([optimizer, ...optimizer.optimizers].map(({ iterations }) => iterations)).toEqual([1, 1, 1, 0]);
      for (const made of [model, optimizer, x, y]) made.dispose();
    });
  }

  test("minimize under a loss scale leaves out what is not finite", () => {
    const [a, b] = [variable([1, 2], "a"), variable([3], "b")];
    const multi = new MultiOptimizer(new OptimizerMap(new SGD({ learningRate: 0.1 }), { a: new Adam() }));
    const scaled = new LossScaleOptimizer(multi, { initialScale: 4 });
    const loss = (factor: number) => () => tf.add(tf.sum(tf.mul(a, factor)), tf.sum(tf.square(b))) as tf.Scalar;
    scaled.minimize(loss(Infinity), [a, b]);
    expect([multi.iterations, scaled.dynamicScale, b.dataSync()[0]]).toEqual([0, 2, 3]);
    scaled.minimize(loss(1), [a, b]);
    expect([multi, ...multi.optimizers].map(({ iterations }) => iterations)).toEqual([1, 1, 1]);
    expect(b.dataSync()[0]).toBeCloseTo(2.4, 6);
    for (const made of [scaled, a, b]) made.dispose();
  });

  describe("saved", () => {
    const create = (prefix: string): MultiOptimizer =>
      new MultiOptimizer(
        new OptimizerMap(new SGD({ learningRate: 0.1, momentum: 0.9 }), {
          [`${prefix}_dense_1/.*`]: new RMSprop({ learningRate: 0.01, useEma: true }),
          "nothing_At_All/x_1": new SGD({ learningRate: 0.5 }),
        }),
      );
    const train = async (model: tfl.LayersModel, epochs: number): Promise<void> => {
      const [x, y] = [tf.ones([4, 1]), tf.zeros([4, 1])];
      await model.fit(x, y, { batchSize: 2, epochs, shuffle: false, verbose: 0 });
      tf.dispose([x, y]);
    };

    test.each([0, 2])("with its model after %i epochs, it goes on in every bit", async (epochs) => {
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const model = modelOf(create("saving"), "saving");
      await train(model, epochs);
      const again = await loaded(await saved(model));
      await train(model, 1);
      await train(again, 1);
      const [own, other] = [model.optimizer, again.optimizer] as MultiOptimizer[];
      expect(other).toBeInstanceOf(MultiOptimizer);
      expect([...((other?.optimizerMap ?? []) as OptimizerMap)].map(([key]) => key)).toEqual([
        "saving_dense_1/.*",
        "nothing_At_All/x_1",
      ]);
      expect(other?.variables.map(({ value }) => [...value])).toEqual(own?.variables.map(({ value }) => [...value]));
      expect(kernels(again)).toEqual(kernels(model));
      for (const made of [model, again, own, other]) made?.dispose();
    });

    test("as a checkpoint, it goes on in every bit; and within a LossScaleOptimizer by its config", async () => {
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const model = modelOf(create("checked"), "checked");
      await train(model, 2);
      const weights = model.weights.map((each) => each.read() as tf.Variable);
      const bytes = saveCheckpoint(model.optimizer as MultiOptimizer, weights);
      await train(model, 1);
      const expected = kernels(model);
      loadCheckpoint(bytes, model.optimizer as MultiOptimizer, weights);
      await train(model, 1);
      expect(kernels(model)).toEqual(expected);
      const scaled = new LossScaleOptimizer(model.optimizer as MultiOptimizer);
      const again = LossScaleOptimizer.fromConfig(scaled.getConfig());
      expect(again.getConfig()).toEqual(scaled.getConfig());
      for (const made of [model, scaled, again]) made.dispose();
    });

    test("getWeights and setWeights keep each part's apart, before its variables come, too", async () => {
      const [a, b] = [variable([1, 2], "a"), variable([3], "b")];
      const make = (): MultiOptimizer =>
        new MultiOptimizer(new OptimizerMap(new SGD({ momentum: 0.9 }), { a: new SGD({ momentum: 0.5 }) }));
      const step = (multi: MultiOptimizer): void =>
        tf.tidy(() => multi.apply([tf.tensor1d([1, 2]), tf.tensor1d([3])], [a, b]));
      const multi = make();
      step(multi);
      const weights = await multi.getWeights();
      expect(weights.map(({ name }) => name)).toEqual([
        "iter",
        "multi_optimizer/learning_rate",
        ...["iter", "sgd/learning_rate", "sgd/a/momentum"].map((name) => `multi_optimizer/0/${name}`),
        ...["iter", "sgd/learning_rate", "sgd/b/momentum"].map((name) => `multi_optimizer/1/${name}`),
      ]);
      const again = make();
      await again.setWeights(weights);
      const before = [bitsOf(a), bitsOf(b)];
      step(multi);
      const after = [bitsOf(a), bitsOf(b)];
      const undo = (values: number[], v: tf.Variable): void => tf.tidy(() => v.assign(tf.tensor1d(values)));
      undo(
        [1, 2].map((x) => Math.fround(x - Math.fround(0.01) * x)),
        a,
      );
      undo([Math.fround(3 - Math.fround(Math.fround(0.01) * 3))], b);
      expect([bitsOf(a), bitsOf(b)]).toEqual(before);
      step(again);
      expect([bitsOf(a), bitsOf(b)]).toEqual(after);
      await expect(make().setWeights(weights.slice(0, 3))).rejects.toThrow("does not fit");
      for (const made of [multi, again, a, b]) made.dispose();
    });
  });

  test(`as many tensors and bytes after each of ${STEPS} steps, and none in the end`, async () => {
    const before = memory();
    const [a, b, c] = [variable([1, 2], "a"), variable([3], "b"), variable([4], "c")];
    const map = new OptimizerMap(new Adam({ useEma: true }), {
      a: new RMSprop({ momentum: 0.5, gradientAccumulationSteps: 2 }),
      c: new SGD({ momentum: 0.1 }),
    });
    const multi = new MultiOptimizer(map, { globalClipnorm: 1 });
    const all = (): tf.Scalar => tf.addN([a, b, c].map((each) => tf.sum(tf.square(each))));
    const uses = [
      () => multi.minimize(all, [a, b, c]),
      () => multi.minimize(() => tf.sum(tf.square(b)) as tf.Scalar, [b]),
      () => tf.tidy(() => multi.apply([tf.ones([2]), tf.ones([1])], [a, c])),
      () => multi.withAverage(() => multi.variables.length),
    ];
    for (const use of uses) use();
    await multi.getWeights();
    const after = memory();
    for (let i = 0; i < STEPS; i++) {
      uses[i % uses.length]?.();
      if (i % 50 === 0) await multi.setWeights(await multi.getWeights());
      expect(memory()).toEqual(after);
    }
    multi.dispose();
    tf.dispose([a, b, c]);
    expect(memory()).toEqual(before);
  });

  test("a step that throws has changed nothing, and leaves no slots behind", () => {
    const [a, b] = [variable([1, 2], "a"), variable([3], "b")];
    let rate = Number.NaN;
    const map = new OptimizerMap(new SGD({ learningRate: () => rate, momentum: 0.9 }), { a: new Adam() });
    const multi = new MultiOptimizer(map);
    const before = memory();
    const step = (): void => tf.tidy(() => multi.apply([tf.ones([2]), tf.ones([1])], [a, b]));
    expect(thrownBy(step).message).toContain("learningRate must be a finite number");
    expect([memory(), multi.trainedVariables, multi.optimizers[0]?.trainedVariables]).toEqual([before, [], []]);
    rate = 1;
    step();
    const state = [bitsOf(a), bitsOf(b)];
    expect(thrownBy(() => tf.tidy(() => multi.apply([tf.ones([2]), tf.ones([7])], [a, b]))).message).toContain("shape");
    expect([bitsOf(a), bitsOf(b), ...multi.optimizers.map(({ iterations }) => iterations)]).toEqual([...state, 1, 1]);
    for (const made of [multi, a, b]) made.dispose();
  });
});
