// ModelCheckpoint: the topics of Keras' own tests, in memory and under URLs of TensorFlow.js.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import { fit as fitModel, ModelCheckpoint, type ModelCheckpointOptions, RMSprop, SGD } from "rmsprop/tfjs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { type Rows, USUAL, withModel } from "./callback-models.js";
import { weightBits } from "./models.js";
import { printedBy } from "./printed.js";

/** What was saved under "memory://", by path. */
const saved = new Map<string, tf.io.ModelArtifacts>();
const router = (url: string | string[]): tf.io.IOHandler | null => {
  if (typeof url !== "string" || !url.startsWith("memory://")) return null as never; // as TensorFlow.js' own do
  const save = async (artifacts: tf.io.ModelArtifacts) => {
    saved.set(url.slice("memory://".length), artifacts);
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" as const } };
  };
  return { save, load: async () => saved.get(url.slice("memory://".length)) as tf.io.ModelArtifacts };
};

beforeAll(async () => {
  await startBackend("cpu");
  tf.io.registerSaveRouter(router as never);
  tf.io.registerLoadRouter(router as never);
});
beforeEach(() => saved.clear());

const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The paths that a training of some epochs saves under, and what it prints. */
async function pathsOf(
  path: string,
  options: ModelCheckpointOptions,
  epochs: number,
  batchSize = 4,
): Promise<string[]> {
  await withModel(new SGD({ learningRate: 0.01 }), async ({ model, x, y, validationData }) => {
    const callbacks = [new ModelCheckpoint(path, options)];
    await fitModel(model, x, y, { ...USUAL, batchSize, epochs, validationData, callbacks });
  });
  return [...saved.keys()];
}

test.each([
  ["by default", {}, ["last"]],
  ["with mode min", { mode: "min" }, ["last"]],
  ["the best", { saveBestOnly: true }, ["last"]],
  ["the best by a threshold that is beaten", { saveBestOnly: true, initialValueThreshold: 100 }, ["last"]],
  ["the best by a threshold that is not beaten", { saveBestOnly: true, initialValueThreshold: 0 }, []],
  ["the best of what rises", { saveBestOnly: true, monitor: "val_mae", mode: "max", initialValueThreshold: 9 }, []],
  [
    "the best of what rises, lower than it",
    { saveBestOnly: true, monitor: "mae", mode: "max", initialValueThreshold: -1 },
    ["last"],
  ],
] as const)("%s", async (_, options, expected) => {
  expect(await pathsOf("memory://last", options, 1)).toEqual(expected);
});

test("a metric that is not there is warned of, and every model is saved", async () => {
  const { warn } = await printedBy(async () => {
    const options = { monitor: "unknown", saveBestOnly: true, mode: "min" } as const;
    expect(await pathsOf("memory://{epoch}", options, 2)).toEqual(["1", "2"]);
  });
  expect(warn).toEqual(["Can save best model only with unknown available."]);
});

test.each([
  ["memory://checkpoint.epoch{epoch:02d}", { saveFreq: 6 }, 7, 4, ["03", "06"].map((n) => `checkpoint.epoch${n}`)],
  ["memory://e{epoch:02d}b{batch:02d}", { saveFreq: 1 }, 2, 4, ["e01b01", "e01b02", "e02b01", "e02b02"]],
  ["memory://e{epoch}b{batch}", { saveFreq: 3, saveWeightsOnly: true }, 3, 4, ["e2b1", "e3b2"]],
] as const)("%s with %o", async (path, options, epochs, batchSize, expected) => {
  expect(await pathsOf(path, options, epochs, batchSize)).toEqual(expected);
});

test("epochs, losses and metrics are in paths as in Keras", async () => {
  await withModel(
    new SGD({ learningRate: 0.01 }),
    async ({ model, x, y, validationData }) => {
      const path = "memory://{epoch:02d}-{val_loss:.2f}-{val_accuracy:.1%}-{acc:.3e}";
      const args = { ...USUAL, validationData, callbacks: new ModelCheckpoint(path) };
      const { history } = await model.fit(x, y, args);
      const [path1 = ""] = saved.keys();
      expect(path1).toMatch(/^01-\d\.\d\d-\d+\.\d%-\d\.\d{3}e[+-]\d\d$/);
      expect(path1.split("-")[1]).toBe(Number((history.val_loss ?? [])[0]).toFixed(2));
    },
    ["accuracy"],
  );
});

test("the best model is loaded with its weights and optimizer", async () => {
  await withModel(new RMSprop({ momentum: 0.9 }), async ({ model, x, y, validationData, optimizer }) => {
    const seen: string[][] = [];
    const callbacks = [
      new ModelCheckpoint("memory://best", { saveBestOnly: true }),
      new tfl.CustomCallback({ onEpochEnd: () => void seen.push(weightBits(model)) }),
    ] as tfl.CustomCallback[];
    const { history } = await fitModel(model, x, y, { ...USUAL, epochs: 4, validationData, callbacks });
    const losses = history.val_loss as number[];
    const best = losses.indexOf(Math.min(...losses));
    const loaded = await tfl.loadLayersModel("memory://best");
    expect(loaded).toBeInstanceOf(tfl.Sequential);
    expect(weightBits(loaded)).toEqual(seen[best]);
    expect((loaded.optimizer as RMSprop).iterations).toBe(2 * (best + 1));
    expect(optimizer.iterations).toBe(8);
    loaded.optimizer.dispose();
    loaded.dispose();
  });
});

test("with saveWeightsOnly the optimizer is left out", async () => {
  await pathsOf("memory://all", {}, 1);
  await pathsOf("memory://weights", { saveWeightsOnly: true }, 1);
  const hasOptimizer = (path: string) => saved.get(path)?.trainingConfig !== undefined;
  expect([hasOptimizer("all"), hasOptimizer("weights")]).toEqual([true, false]);
});

test("a handler, a function that gives one, and a function that saves by itself", async () => {
  await withModel(tf.train.sgd(0.01), async ({ model, x, y }: Rows & { model: tfl.LayersModel }) => {
    const paths: string[] = [];
    const handler = (name: string) => router(`memory://${name}`) as tf.io.IOHandler;
    const callbacks = [
      new ModelCheckpoint(handler("handler")),
      new ModelCheckpoint("given-{epoch}", { save: (path) => handler(path) }),
      new ModelCheckpoint("own-{epoch}", {
        save: async (path, own) => {
          expect(own).toBe(model);
          paths.push(path);
        },
      }),
    ];
    await fitModel(model, x, y, { ...USUAL, epochs: 2, callbacks });
    expect([...saved.keys()]).toEqual(["handler", "given-1", "given-2"]);
    expect(paths).toEqual(["own-1", "own-2"]);
  });
});

test("files of Keras are saved by a function, and read back", async () => {
  await withModel(new RMSprop(), async ({ model, x, y, optimizer }) => {
    const save = async (path: string, own: tfl.LayersModel) => writeFileSync(path, await saveWeights(own));
    const callbacks = [new ModelCheckpoint(join(folder, "{epoch:02d}.weights.h5"), { save })];
    await fitModel(model, x, y, { ...USUAL, epochs: 2, callbacks });
    const before = weightBits(model);
    await fitModel(model, x, y, { ...USUAL, epochs: 1 });
    await loadWeights(model, readFileSync(join(folder, "02.weights.h5")));
    expect([weightBits(model), optimizer.iterations]).toEqual([before, 4]);
  });
});

test("verbose: 1 prints what Keras prints", async () => {
  const losses = [0.5, 0.25, 0.375];
  const { log } = await printedBy(() =>
    withModel(new SGD({ learningRate: 0 }), async ({ model, x, y }) => {
      const onEpochEnd = (epoch: number, logs?: tfl.Logs) =>
        void Object.assign(logs ?? {}, { val_loss: losses[epoch] });
      const callbacks = [
        new tfl.CustomCallback({ onEpochEnd }),
        new ModelCheckpoint("memory://{epoch}", { saveBestOnly: true, verbose: 1 }),
      ] as tfl.CustomCallback[];
      await model.fit(x, y, { ...USUAL, epochs: 3, callbacks });
    }),
  );
  expect(log).toEqual([
    "\nEpoch 1: val_loss improved from None to 0.50000, saving model to memory://1",
    "\nEpoch 1: finished saving model to memory://1",
    "\nEpoch 2: val_loss improved from 0.50000 to 0.25000, saving model to memory://2",
    "\nEpoch 2: finished saving model to memory://2",
    "\nEpoch 3: val_loss did not improve from 0.25000",
  ]);
});

test.each([
  ["a URL that nobody knows", "nowhere://{epoch}", {}, /filepath must be a URL that TensorFlow\.js saves.+Pass save:/],
  ["a path without a function", "run/{epoch}.keras", {}, /filepath must be a URL/],
  [
    "a name that logs do not have",
    "memory://{val_none}",
    {},
    /filepath must name what is known when it saves; \{val_none\} is not/,
  ],
])("%s is refused in training", async (_, path, options, message) => {
  await withModel(new SGD(), async ({ model, x, y }) => {
    const training = fitModel(model, x, y, { ...USUAL, callbacks: new ModelCheckpoint(path, options) });
    await expect(training).rejects.toThrow(message);
  });
});

test.each([
  ["no path", [""], /filepath must be a path or a handler/],
  ["no handler", [{}], /filepath must be a path or a handler/],
  ["a text for saveFreq", ["x", { saveFreq: "invalid_save_freq" }], /saveFreq must be "epoch" or an integer/],
  ["no batch for saveFreq", ["x", { saveFreq: 0 }], /saveFreq must be an integer >= 1/],
  ["no function", ["x", { save: "x" }], /save must be a function/],
  ["an unknown option", ["x", { saveBest: true }], /saveBest must be a known argument.+saveBestOnly/],
])("%s is refused", (_, values, message) => {
  const create = ModelCheckpoint as new (...values: unknown[]) => ModelCheckpoint;
  expect(() => new create(...values)).toThrow(message);
});

test("an unknown mode is warned of, and is auto", async () => {
  const { warn } = await printedBy(async () => new ModelCheckpoint("memory://x", { mode: "unknown" as never }));
  expect(warn).toEqual(["ModelCheckpoint mode 'unknown' is unknown, fallback to auto mode."]);
});
