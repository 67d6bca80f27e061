// Tensors: as many after many steps as after the first, whatever fails in between; all given back in the end.
import * as tf from "@tensorflow/tfjs-core";
import { schedules } from "rmsprop";
import { fit as fitModel, LossScaleOptimizer, RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { expect, test, vi } from "vitest";
import { isWhole } from "../seed.js";
import { memory, variable } from "./backends.js";
import { loaded, saved } from "./files.js";
import { compiled, createData } from "./models.js";
import { onEveryBackend } from "./suite.js";

/** `npm run test:package` takes a thousand. */
const STEPS = isWhole ? 1_000 : 200;

const learningRate = new schedules.CosineDecay({ initialLearningRate: 0.01, decaySteps: STEPS });
const FEATURES: readonly (readonly [string, RMSpropOptions])[] = [
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

const squares = (variables: readonly tf.Variable[]): tf.Scalar =>
  tf.addN(variables.map((each) => tf.sum(tf.square(each))));

/** Every way to make a step, and to look at the state. */
const USES: readonly ((optimizer: RMSprop | LossScaleOptimizer, v: tf.Variable, w: tf.Variable) => unknown)[] = [
  (optimizer, v, w) => optimizer.minimize(() => squares([v, w]), [v, w]),
  (optimizer, v, w) => tf.dispose(optimizer.minimize(() => squares([v, w]), true, [w, v]) ?? []),
  (optimizer, v) => optimizer.minimize(() => squares([v]), false, [v]),
  (optimizer, v, w) => optimizer.applyGradients({ [v.name]: v, [w.name]: w }),
  (optimizer, v, w) => tf.tidy(() => optimizer.apply([v, tf.ones(w.shape)], [v, w])),
  (optimizer, v) => {
    const { value, grads } = optimizer.computeGradients(() => squares([v]), [v]);
    optimizer.applyGradients([{ name: v.name, tensor: grads[v.name] as tf.Tensor }]);
    tf.dispose([value, grads]);
  },
];

onEveryBackend(() => {
  for (const wrapped of [false, true]) {
    const name = wrapped ? " in a LossScaleOptimizer" : "";
    const steps = wrapped ? 150 : STEPS;
    test.each(FEATURES)(`%s${name}: as many tensors and bytes after each of ${steps} steps`, async (_, options) => {
      const before = memory();
      const inner = new RMSprop(options);
      const optimizer = wrapped ? new LossScaleOptimizer(inner, { initialScale: 4, dynamicGrowthSteps: 100 }) : inner;
      const [v, w] = [
        variable(
          [
            [1, 2],
            [3, 4],
          ],
          "v",
        ),
        variable(5, "w"),
      ];
      for (const use of USES) use(optimizer, v, w);
      await optimizer.getWeights();
      const after = memory();
      let most = 0;
      for (let i = 0; i < steps; i++) {
        USES[i % USES.length]?.(optimizer, v, w);
        if (i % 100 === 0) await optimizer.getWeights();
        if (i % 100 === 50) await optimizer.setWeights(await optimizer.getWeights());
        if (i % 50 === 0 && options.useEma) optimizer.withAverage(() => optimizer.variables);
        if (i % 50 === 25) optimizer.finalizeVariableValues();
        most = Math.max(most, memory().numTensors);
      }
      expect(most).toBe(after.numTensors);
      expect(memory()).toEqual(after);
      optimizer.dispose();
      const variables = [v, w].map(({ size }) => 4 * size).reduce((sum, bytes) => sum + bytes);
      const own = { numTensors: before.numTensors + 2, numBytes: before.numBytes + variables };
      expect(memory()).toEqual(own);
      optimizer.dispose();
      expect(memory()).toEqual(own);
      tf.dispose([v, w]);
    });
  }

  const FAILURES: readonly (readonly [string, (optimizer: RMSprop | LossScaleOptimizer, v: tf.Variable) => unknown])[] =
    [
      ["a gradient of another shape", (optimizer, v) => tf.tidy(() => optimizer.apply([tf.ones([7])], [v]))],
      [
        "a gradient that was disposed of",
        (optimizer, v) => {
          const gradient = tf.ones(v.shape);
          gradient.dispose();
          optimizer.applyGradients({ [v.name]: gradient });
        },
      ],
      [
        "a loss that throws",
        (optimizer, v) =>
          optimizer.minimize(
            () => {
              tf.square(v);
              throw new Error("no loss");
            },
            true,
            [v],
          ),
      ],
      [
        "a loss that throws in its gradient",
        (optimizer, v) => {
          const bad = tf.customGrad((x) => ({
            value: tf.sum(x as tf.Tensor),
            gradFunc: () => {
              throw new Error("no gradient");
            },
          }));
          optimizer.minimize(() => bad(v) as tf.Scalar, true, [v]);
        },
      ],
      ["a loss that no variable takes part in", (optimizer, v) => optimizer.minimize(() => tf.scalar(1), true, [v])],
      [
        "a loss that is no scalar",
        (optimizer, v) => optimizer.minimize(() => tf.square(v) as unknown as tf.Scalar, true, [v]),
      ],
      ["a variable twice", (optimizer, v) => optimizer.minimize(() => squares([v]), true, [v, v])],
      [
        "a gradient of another type",
        (optimizer, v) => tf.tidy(() => optimizer.apply([tf.ones(v.shape, "int32")], [v])),
      ],
    ];
  for (const wrapped of [false, true]) {
    test.each(FAILURES)(
      `%s${wrapped ? " in a LossScaleOptimizer" : ""} leaves nothing behind, before and after the first step`,
      (_, fail) => {
        const inner = new RMSprop({ useEma: true, momentum: 0.9 });
        const optimizer = wrapped ? new LossScaleOptimizer(inner) : inner;
        const v = variable([1, 2], "v");
        for (let round = 0; round < 2; round++) {
          const before = memory();
          for (let i = 0; i < 5; i++) expect(() => fail(optimizer, v)).toThrow();
          expect(memory()).toEqual(before);
          optimizer.minimize(() => squares([v]), [v]);
        }
        optimizer.dispose();
        v.dispose();
      },
    );
  }

  test("a schedule that fails in the first step leaves no slots behind", () => {
    let rate = Number.NaN;
    const optimizer = new RMSprop({ learningRate: () => rate, useEma: true });
    const v = variable([1, 2], "v");
    const before = memory();
    expect(() => optimizer.minimize(() => squares([v]), [v])).toThrow(/learningRate/);
    expect(memory()).toEqual(before);
    expect(optimizer.trainedVariables).toEqual([]);
    rate = 0.1;
    optimizer.minimize(() => squares([v]), [v]);
    expect(optimizer.iterations).toBe(1);
    optimizer.dispose();
    v.dispose();
  });

  test("fit, save and load again and again", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const data = createData();
    const optimizer = new RMSprop({ useEma: true, gradientAccumulationSteps: 2 });
    const model = compiled(optimizer);
    const round = async (): Promise<void> => {
      const validationData: [tf.Tensor, tf.Tensor] = [data.x, data.y];
      await fitModel(model, data.x, data.y, { epochs: 2, verbose: 0, validationData });
      const again = await loaded(await saved(model));
      await fitModel(again, data.x, data.y, { epochs: 1, verbose: 0 });
      // tf.LayersModel disposes of optimizers only that it made itself.
      for (const made of [again, again.optimizer]) made.dispose();
    };
    await round();
    const after = memory();
    for (let i = 0; i < 3; i++) await round();
    expect(memory()).toEqual(after);
    for (const made of [model, optimizer, data.x, data.y]) made.dispose();
    vi.restoreAllMocks();
  });

  test("an optimizer that outlives its models keeps nothing of them", () => {
    const optimizer = new RMSprop({ useEma: true, momentum: 0.9 });
    const round = (): void => {
      const v = variable([1, 2]);
      optimizer.minimize(() => squares([v]), [v]);
      v.dispose();
    };
    round();
    const after = memory();
    for (let i = 0; i < 20; i++) round();
    expect(memory()).toEqual(after);
    optimizer.dispose();
  });

  test("dispose without any step, and twice", async () => {
    const before = memory();
    for (const optimizer of [new RMSprop(), new LossScaleOptimizer(new RMSprop())]) {
      await optimizer.getWeights();
      optimizer.dispose();
      optimizer.dispose();
    }
    expect(memory()).toEqual(before);
  });
});
