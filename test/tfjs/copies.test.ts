// Models of another copy of TensorFlow.js, as a script tag or a second installed version brings one: their variables are in
// the engine that all copies share, their classes are not ours.
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import {
  EarlyStopping,
  FinalizeCallback,
  fitDataset,
  fit as fitModel,
  LearningRateScheduler,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  SwapEMAWeights,
  saveCheckpoint,
} from "rmsprop/tfjs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bits, startBackend } from "./backends.js";
import { modelIn, saved } from "./files.js";
import { datasetOf } from "./models.js";

type Layers = typeof tfl;
interface Copy {
  readonly core: typeof tf;
  readonly layers: Layers;
}

const CORE = "@tensorflow/tfjs-core";
const LAYERS = "@tensorflow/tfjs-layers";
const require = createRequire(import.meta.url);

/** These packages, loaded once more. */
function loadedAgain(...names: readonly string[]): unknown[] {
  const kept = { ...require.cache };
  const forget = (): void => {
    for (const path of Object.keys(require.cache)) {
      if (names.some((name) => path.includes(`/node_modules/${name}/`))) delete require.cache[path];
    }
  };
  forget();
  const modules = names.map((name) => require(name) as unknown);
  forget();
  Object.assign(require.cache, kept);
  return modules;
}

const loadedOnce = <T>(load: () => T): (() => T) => {
  let loaded: T | null = null;
  return () => {
    loaded ??= load();
    return loaded;
  };
};

const COPIES: Readonly<Record<string, () => Copy>> = {
  "our own copy": () => ({ core: tf, layers: tfl }),
  "another copy of the layers": loadedOnce(() => ({ core: tf, layers: loadedAgain(LAYERS)[0] as Layers })),
  "another copy of everything": loadedOnce(() => {
    const [core, layers] = loadedAgain(CORE, LAYERS);
    return { core, layers } as Copy; // as they were named
  }),
};

beforeEach(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined); // of another copy, that it is one
  await startBackend("cpu");
});

afterEach(() => {
  vi.restoreAllMocks();
  tf.disposeVariables();
});

const EPOCHS = { epochs: 3, verbose: 0 } as const;
const EMA = { learningRate: 0.05, useEma: true, emaMomentum: 0.5 };
let made = 0;

/** A model of that copy, all the same, and data. */
function createModel({ core, layers }: Copy, optimizer: tf.Optimizer) {
  const name = `copied${made++}`;
  const dense = layers.layers.dense({ units: 2, inputShape: [3], kernelInitializer: "ones", name });
  const model = layers.sequential({ layers: [dense] });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return { model, x: core.ones([4, 3]), y: core.zeros([4, 2]) };
}

const weightsOf = (model: tfl.LayersModel): string[] => model.getWeights().map((weight) => bits(weight.dataSync()));
const averagesOf = ({ variables }: RMSprop): string[] =>
  variables.filter(({ slot }) => slot === "average").map(({ value }) => bits(value));

describe.each(Object.entries(COPIES))("a model of %s", (kind, load) => {
  /** What the averages become, without this face's fit. */
  async function expected(): Promise<string[]> {
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(COPIES["our own copy"]?.() ?? load(), optimizer);
    await model.fit(x, y, { ...EPOCHS });
    return averagesOf(optimizer);
  }

  type Callbacks = NonNullable<tfl.ModelFitArgs["callbacks"]>;
  const FORMS: readonly (readonly [string, (layers: Layers, args: tfl.CustomCallbackArgs) => Callbacks])[] = [
    ["an object of functions", (_, args) => args],
    ["an array of objects", (_, args) => [{}, args]],
    ["a callback of that copy", (layers, args) => new layers.CustomCallback(args)],
    ["a class that extends a callback of that copy", (layers, args) => new (extending(layers))(args)],
    // TensorFlow.js' type has no mixture.
    ["a mixture of both", (layers, args) => [args, layers.callbacks.earlyStopping()] as tfl.CustomCallbackArgs[]],
  ];
  const extending = ({ Callback }: Layers) =>
    class extends Callback {
      readonly #args: tfl.CustomCallbackArgs;
      constructor(args: tfl.CustomCallbackArgs) {
        super();
        this.#args = args;
      }
      override async onTrainEnd(): Promise<void> {
        if (this.model === null) throw new Error("not told about the model");
        await this.#args.onTrainEnd?.();
      }
    };

  test.each(FORMS)("fit ends with the averages, which the user's onTrainEnd sees: %s", async (_, formOf) => {
    const copy = load();
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(copy, optimizer);
    const seen: string[][] = [];
    const onTrainEnd = () => void seen.push(weightsOf(model));
    const { epoch } = await fitModel(model, x, y, { ...EPOCHS, callbacks: formOf(copy.layers, { onTrainEnd }) });
    expect(epoch.length).toBe(3);
    expect(seen).toEqual([await expected()]);
    expect(weightsOf(model)).toEqual(averagesOf(optimizer));
  });

  test("fitDataset ends with the averages, without callbacks too", async () => {
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(load(), optimizer);
    await fitDataset(model, datasetOf({ x, y }, 1), { ...EPOCHS, batchesPerEpoch: 1, epochs: 1 });
    expect(weightsOf(model)).toEqual(averagesOf(optimizer));
    await fitModel(model, x, y, EPOCHS);
    expect(weightsOf(model)).toEqual(averagesOf(optimizer));
  });

  test("its layers' constraints are known by what they do, and hold", async () => {
    const { core, layers } = load();
    const optimizer = new RMSprop({ learningRate: 0.5 });
    const kernelConstraint = layers.constraints.nonNeg();
    const dense = { units: 1, inputShape: [1], kernelInitializer: "ones" as const, kernelConstraint };
    const model = layers.sequential({ layers: [layers.layers.dense({ ...dense, name: `obeys${made++}` })] });
    model.compile({ optimizer, loss: "meanSquaredError" });
    const apply = vi.spyOn(kernelConstraint, "apply");
    await fitModel(model, core.ones([1, 1]), core.fill([1, 1], -6), EPOCHS);
    expect(weightsOf(model)[0]).toBe("00000000");
    expect(apply).toHaveBeenCalled(); // spied on, it is code of the user's
    apply.mockRestore();
    Reflect.deleteProperty(kernelConstraint, "apply");
    await fitModel(model, core.ones([1, 1]), core.fill([1, 1], -6), EPOCHS);
    expect(weightsOf(model)[0]).toBe("00000000");
  });

  test("FinalizeCallback needs to be told about a model of another copy only, and says so before anything is trained", async () => {
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(load(), optimizer);
    const before = weightsOf(model);
    const untold = model.fit(x, y, { ...EPOCHS, callbacks: [new FinalizeCallback()] });
    if (kind === "our own copy") await untold;
    else {
      await expect(untold).rejects.toThrow(
        /FinalizeCallback: the model is of another copy .* new FinalizeCallback\(model\)/,
      );
      expect([weightsOf(model), optimizer.iterations]).toEqual([before, 0]);
      // TensorFlow.js leaves a fit that ended with an error marked as running.
      (model as unknown as { isTraining: boolean }).isTraining = false;
      await model.fit(x, y, { ...EPOCHS, callbacks: [new FinalizeCallback(model)] });
    }
    expect(weightsOf(model)).toEqual(await expected());
  });

  /** Callbacks of this package, one of which ends training after the second epoch. */
  const ours = () => [
    new SwapEMAWeights(),
    new LearningRateScheduler((_, rate) => rate / 2),
    new EarlyStopping({ monitor: "loss", minDelta: 1e3, restoreBestWeights: true }),
  ];

  test.each([
    ["alone", () => []],
    ["before a callback of that copy", (layers: Layers) => [new layers.CustomCallback({})]],
    ["before an object of functions", () => [{ onTrainEnd: () => undefined }]],
  ])("callbacks of this package work in fit, %s", async (_, othersOf) => {
    const copy = load();
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(copy, optimizer);
    const callbacks = [...ours(), ...othersOf(copy.layers)] as tfl.CustomCallback[];
    const { epoch, history } = await fitModel(model, x, y, { ...EPOCHS, callbacks });
    expect(epoch).toEqual([0, 1]);
    expect(history.learning_rate).toEqual([0.025, 0.0125].map(Math.fround));
    expect(optimizer.iterations).toBe(2);
  });

  test("callbacks of this package work in model.fit, once they are told about the model", async () => {
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(load(), optimizer);
    if (kind !== "our own copy") {
      await expect(model.fit(x, y, { ...EPOCHS, callbacks: ours() })).rejects.toThrow(
        /SwapEMAWeights: the model is of another copy .*setModel\(model\)/,
      );
    }
    const callbacks = ours();
    for (const callback of callbacks) callback.setModel(model);
    expect((await model.fit(x, y, { ...EPOCHS, callbacks })).epoch).toEqual([0, 1]);
    expect(optimizer.iterations).toBe(2);
  });

  test("a class that extends FinalizeCallback has its own functions called, and may call ours", async () => {
    const calls: string[] = [];
    class Telling extends FinalizeCallback {
      override async onTrainEnd(): Promise<void> {
        await super.onTrainEnd();
        calls.push("end");
      }
    }
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(load(), optimizer);
    await model.fit(x, y, { ...EPOCHS, callbacks: [new Telling(model)] });
    expect([calls, weightsOf(model)]).toEqual([["end"], averagesOf(optimizer)]);
  });

  test("it is the copy that its name says", () => {
    const { core, layers } = load();
    const isOurs = [layers.LayersModel === tfl.LayersModel, core.Tensor === tf.Tensor];
    expect(isOurs).toEqual([kind === "our own copy", kind !== "another copy of everything"]);
    expect(core.engine()).toBe(tf.engine());
  });

  test("a saved model is loaded with its optimizer once the class is registered with that copy", async () => {
    const copy = load();
    const optimizer = new RMSprop(EMA);
    const { model, x, y } = createModel(copy, optimizer);
    await model.trainOnBatch(x, y);
    const text = await saved(model);
    const before = weightsOf(model);
    model.dispose();
    copy.core.serialization.registerClass(RMSprop);
    const loaded = await copy.layers.loadLayersModel(modelIn(text, copy.core));
    const again = loaded.optimizer as RMSprop; // what the model was saved with
    expect(again).toBeInstanceOf(RMSprop);
    expect(weightsOf(loaded)).toEqual(before);
    await loaded.trainOnBatch(x, y);
    expect([again.iterations, averagesOf(again).length]).toEqual([2, 2]);
  });

  test("LossScaleOptimizer, checkpoints and Keras' files work with it", async () => {
    const copy = load();
    const inner = new RMSprop(EMA);
    const optimizer = new LossScaleOptimizer(inner);
    const { model, x, y } = createModel(copy, optimizer);
    await fitModel(model, x, y, EPOCHS);
    expect(weightsOf(model)).toEqual(averagesOf(inner));

    const variables = model.weights.map((weight) => weight.read() as tf.Variable);
    const [bytes, file, before] = [saveCheckpoint(optimizer), await saveWeights(model), weightsOf(model)];
    await model.trainOnBatch(x, y);
    loadCheckpoint(bytes, optimizer, variables);
    expect(weightsOf(model)).toEqual(before);
    await model.trainOnBatch(x, y);
    expect((await loadWeights(model, file)).optimizer).toBe(true);
    expect(weightsOf(model)).toEqual(before);
  });

  test("gradients are taken and variables trained by tensors of it", () => {
    const { core } = load();
    const variable = core.variable(core.tensor1d([1, 2]), true, `own${made++}`);
    const optimizer = new RMSprop({ learningRate: 0.1 });
    optimizer.minimize(() => core.sum(core.square(variable)) as tf.Scalar, [variable]);
    optimizer.apply([core.tensor1d([1, 1])], [variable]);
    const twin = tf.variable(tf.tensor1d([1, 2]), true, `own${made++}`);
    const other = new RMSprop({ learningRate: 0.1 });
    other.minimize(() => tf.sum(tf.square(twin)) as tf.Scalar, [twin]);
    other.apply([tf.tensor1d([1, 1])], [twin]);
    expect(bits(variable.dataSync())).toBe(bits(twin.dataSync()));
  });
});
