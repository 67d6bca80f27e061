// BackupAndRestore: the topics of Keras' own tests, runs that go on with equal bits, and backups that are broken or of others.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  Adam,
  type AnyOptimizer,
  BackupAndRestore,
  type BackupStore,
  fitDataset,
  fit as fitModel,
  LearningRateScheduler,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  SGD,
  SwapEMAWeights,
  saveCheckpoint,
  TerminateOnNaN,
} from "rmsprop/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bits, startBackend } from "./backends.js";
import { batchesOf, memoryStore, type Rows, USUAL, withModel } from "./callback-models.js";
import { weightBits } from "./models.js";
import { printedBy } from "./printed.js";
import { onSomeBackend } from "./suite.js";

/** Throws after so many batches or epochs. */
const interrupting = (what: "onBatchEnd" | "onEpochEnd" | "onTrainEnd", count: number): tfl.CustomCallback => {
  let left = count;
  const act = async () => {
    if (--left === 0) throw new Error("interrupted");
  };
  return new tfl.CustomCallback({ onEpochEnd: () => undefined, [what]: act });
};

/** A callback without a memory that changes the optimizer at the end of an epoch. */
function halving(): tfl.CustomCallback {
  let optimizer = {} as Adam;
  const onEpochEnd = () => {
    optimizer.learningRate /= 2;
  };
  const callback = new tfl.CustomCallback({ onEpochEnd });
  callback.setModel = (model) => {
    optimizer = (model as tfl.LayersModel).optimizer as Adam; // with which it is compiled
  };
  return callback;
}

/** Weights and state, in bits. */
const stateOf = (model: tfl.LayersModel, optimizer: AnyOptimizer): string[] => [
  ...weightBits(model),
  ...optimizer.variables.map(({ value }) => bits(value)),
];

/** Trains for six epochs, interrupted as `callback` says if there is one; what training leaves is a result. */
async function run(
  create: () => AnyOptimizer,
  store: BackupStore,
  callback: tfl.CustomCallback | null = null,
  others: () => object[] = () => [],
  options: ConstructorParameters<typeof BackupAndRestore>[1] = {},
  epochs = 6,
): Promise<{ state: string[]; epoch: number[] | null }> {
  let result: { state: string[]; epoch: number[] | null } = { state: [], epoch: null };
  await withModel<tf.Optimizer>(create() as tf.Optimizer, async ({ model, x, y, validationData, optimizer }) => {
    const callbacks = [
      new BackupAndRestore(store, options),
      ...others(),
      ...(callback ? [callback] : []),
    ] as tfl.CustomCallback[];
    const training = fitModel(model, x, y, { ...USUAL, epochs, validationData, callbacks });
    const history = await training.catch((error: Error) => {
      if (error.message !== "interrupted") throw error;
      return null;
    });
    result = { state: stateOf(model, optimizer as AnyOptimizer), epoch: history?.epoch ?? null };
  });
  return result;
}

const OPTIMIZERS: readonly (readonly [string, () => AnyOptimizer, () => object[]])[] = [
  ["RMSprop with all", () => new RMSprop({ momentum: 0.9, centered: true, weightDecay: 0.01 }), () => []],
  ["averages", () => new Adam({ useEma: true, emaOverwriteFrequency: 3 }), () => []],
  ["accumulation", () => new SGD({ learningRate: 0.1, gradientAccumulationSteps: 3 }), () => []],
  [
    "a LossScaleOptimizer",
    () => new LossScaleOptimizer(new RMSprop({ useEma: true }), { dynamicGrowthSteps: 3 }),
    () => [],
  ],
  ["swapped averages", () => new Adam({ useEma: true }), () => [new SwapEMAWeights({ swapOnEpoch: true })]],
  ["a scheduler", () => new Adam(), () => [new LearningRateScheduler((_, rate) => rate * 0.9)]],
  ["a rate that is halved after each epoch", () => new Adam(), () => [halving()]],
];

onSomeBackend(() => {
  test.each(OPTIMIZERS)(
    "%s: a run that is interrupted twice ends with the bits of one that is not",
    async (_, create, others) => {
      const whole = await run(create, memoryStore(), null, others);
      const store = memoryStore();
      // The second epoch is not backed up: what it throws in comes before.
      expect((await run(create, store, interrupting("onEpochEnd", 2), others)).epoch).toBeNull();
      expect((await run(create, store, interrupting("onEpochEnd", 3), others)).epoch).toBeNull();
      const last = await run(create, store, null, others);
      expect(last.epoch).toEqual([3, 4, 5]);
      expect(last.state).toEqual(whole.state);
      expect(store.files.size).toBe(0);
    },
  );

  test("a run that was interrupted after its last epoch only ends, with its averages", async () => {
    const create = () => new Adam({ useEma: true });
    const whole = await run(create, memoryStore());
    const store = memoryStore();
    await run(create, store, interrupting("onTrainEnd", 1));
    const last = await run(create, store);
    expect([last.epoch, store.files.size]).toEqual([[], 0]);
    expect(last.state).toEqual(whole.state);
  });

  test("a dataset goes on, too", async () => {
    const train = (optimizer: Adam, store: BackupStore, interrupted: boolean) =>
      withModel(optimizer, async ({ model, x, y }: Rows & { model: tfl.LayersModel }) => {
        const callbacks = [new BackupAndRestore(store), ...(interrupted ? [interrupting("onEpochEnd", 3)] : [])];
        const training = fitDataset(model, batchesOf({ x, y }), { epochs: 5, verbose: 0, callbacks });
        if (interrupted) await expect(training).rejects.toThrow("interrupted");
        else states.push([(await training).epoch.length, ...stateOf(model, optimizer)]);
      });
    const states: unknown[][] = [];
    await train(new Adam(), memoryStore(), false);
    const store = memoryStore();
    await train(new Adam(), store, true);
    await train(new Adam(), store, false);
    expect(states[1]?.slice(1)).toEqual(states[0]?.slice(1));
    expect([states[0]?.[0], states[1]?.[0]]).toEqual([5, 3]);
  });

  test.each(["fit", "fitDataset"])("model.%s is refused, and told of fit", async (method) => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const callbacks = [new BackupAndRestore(memoryStore())];
      const training =
        method === "fit"
          ? model.fit(x, y, { ...USUAL, callbacks })
          : model.fitDataset(batchesOf({ x, y }), { epochs: 1, verbose: 0, callbacks });
      await expect(training).rejects.toThrow(/BackupAndRestore: model\.fit .+Call fit\(model, x, y, args\)/);
    });
  });
});

describe("on the cpu backend", () => {
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
  beforeAll(() => startBackend("cpu"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const adam = () => new Adam();

  test("backups by the batch restart the epoch with the weights of the batch", async () => {
    const store = memoryStore();
    await run(adam, store, interrupting("onBatchEnd", 4), () => [], { saveFreq: 1 }, 3);
    const { epoch } = await run(adam, store, null, () => [], { saveFreq: 1, deleteCheckpoint: false }, 3);
    expect(epoch).toEqual([1, 2]);
    // Three batches of the first run, of which one is of the second epoch, and all four of the last two epochs.
    await withModel(adam(), async ({ model, optimizer }) => {
      const [bytes] = store.files.values();
      const variables = model.weights.map((weight) => weight.read() as tf.Variable);
      expect(loadCheckpoint(bytes as Uint8Array, optimizer, variables)).toMatchObject({ epoch: "2", batch: "2" });
      expect(optimizer.iterations).toBe(3 + 4);
    });
  });

  test("a backup that is kept goes on in a longer run", async () => {
    const store = memoryStore();
    const whole = await run(adam, memoryStore(), null, () => [], {}, 8);
    await run(adam, store, null, () => [], { deleteCheckpoint: false }, 6);
    expect(store.files.size).toBe(1);
    const more = await run(adam, store, null, () => [], {}, 8);
    expect(more.epoch).toEqual([6, 7]);
    expect(more.state).toEqual(whole.state);
  });

  const BREAKS: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
    ["empty", () => new Uint8Array()],
    ["cut off", (bytes) => bytes.slice(0, 300)],
    ["with a flipped bit", (bytes) => bytes.map((byte, i) => (i === bytes.length - 5 ? byte ^ 1 : byte))],
    ["some other text", () => new TextEncoder().encode("no checkpoint")],
  ];
  test.each(BREAKS)("of a last backup that is %s, the one before is taken with a warning", async (_, broken) => {
    const whole = await run(adam, memoryStore());
    const store = memoryStore();
    await run(adam, store, interrupting("onEpochEnd", 4), () => [], { doubleCheckpoint: true });
    expect([...store.files.keys()].sort()).toEqual(["backup-0.safetensors", "backup-1.safetensors"]);
    const last = "backup-1.safetensors"; // the third
    store.files.set(last, broken(store.files.get(last) as Uint8Array));
    const { warn } = await printedBy(async () => {
      const { state, epoch } = await run(adam, store);
      expect(epoch).toEqual([2, 3, 4, 5]);
      expect(state).toEqual(whole.state);
    });
    expect(warn).toEqual([
      expect.stringMatching(/backup-1\.safetensors is broken.+goes on from the one before, at epoch 3/),
    ]);
  });

  test.each(BREAKS)("a backup that is %s, with none before it, is an error, and nothing changes", async (_, broken) => {
    const store = memoryStore();
    await run(adam, store, interrupting("onEpochEnd", 3));
    const [[name, bytes] = ["", new Uint8Array()]] = store.files;
    store.files.set(name, broken(bytes));
    await withModel(adam(), async ({ model, x, y, optimizer }) => {
      const before = stateOf(model, optimizer);
      const training = fitModel(model, x, y, { ...USUAL, callbacks: new BackupAndRestore(store) });
      await expect(training).rejects.toThrow(/BackupAndRestore: the backup backup-\d.safetensors is broken.+remove it/);
      expect(stateOf(model, optimizer)).toEqual(before);
      expect(store.files.has(name)).toBe(true);
    });
  });

  test.each([
    ["another optimizer", () => new SGD({ momentum: 0.9 }), 3],
    ["another model", () => new Adam(), 4],
  ])("a backup of %s is an error, and nothing changes", async (_, create, inputs) => {
    const store = memoryStore();
    await run(adam, store, interrupting("onEpochEnd", 3));
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [inputs] })] });
    const optimizer = create();
    model.compile({ optimizer: optimizer as tf.Optimizer, loss: "meanSquaredError" });
    const [x, y] = [tf.ones([4, inputs]), tf.ones([4, 1])];
    const before = stateOf(model, optimizer);
    const training = fitModel(model, x, y, { ...USUAL, callbacks: new BackupAndRestore(store) });
    await expect(training).rejects.toMatchObject({
      name: "StateMismatchError",
      message: expect.stringMatching(/^BackupAndRestore: the backup is of another model or optimizer. Remove it/),
    });
    expect(stateOf(model, optimizer)).toEqual(before);
    expect(store.files.size).toBe(1);
    tf.dispose([x, y]);
    model.dispose();
  });

  test("a checkpoint that somebody else put there is not taken for a backup", async () => {
    const store = memoryStore();
    await withModel(adam(), async ({ model, x, y, optimizer }) => {
      await fitModel(model, x, y, USUAL);
      store.files.set("backup-0.safetensors", saveCheckpoint(optimizer));
      const training = fitModel(model, x, y, { ...USUAL, callbacks: new BackupAndRestore(store) });
      await expect(training).rejects.toThrow("none that this callback wrote");
    });
  });

  test("a folder is made, holds a backup after an error, and is removed with it when training has ended", async () => {
    const path = join(folder, "deep", "backup");
    await run(adam, path as never, interrupting("onEpochEnd", 3));
    expect(readdirSync(path)).toEqual(["backup-0.safetensors"]);
    const { epoch } = await run(adam, path as never);
    expect([epoch, existsSync(path)]).toEqual([[2, 3, 4, 5], false]);
  });

  test("other files in the folder stay", async () => {
    const path = join(folder, "shared");
    await run(adam, path as never, interrupting("onEpochEnd", 2));
    writeFileSync(join(path, "mine.txt"), "mine");
    writeFileSync(join(path, "backup-1.safetensors.partial"), "of a write that was killed");
    await run(adam, path as never);
    expect(readdirSync(path)).toEqual(["mine.txt"]);
    expect(readFileSync(join(path, "mine.txt"), "utf8")).toBe("mine");
  });

  test("what the system refuses is an error that names the folder", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(run(adam, file as never)).rejects.toThrow(/BackupAndRestore: cannot read|write a backup in ".+file"/);
  });

  test("after TerminateOnNaN with raiseError the backup is there", async () => {
    const store = memoryStore();
    await withModel(adam(), async ({ model, x, y }) => {
      await expect(
        fitModel(model, x, y, {
          ...USUAL,
          epochs: 4,
          callbacks: [new BackupAndRestore(store), interrupting("onEpochEnd", 2)],
        }),
      ).rejects.toThrow("interrupted");
      const infinite = tf.fill([8, 1], Number.POSITIVE_INFINITY);
      const callbacks = [new BackupAndRestore(store), new TerminateOnNaN({ raiseError: true })];
      await expect(fitModel(model, x, infinite, { ...USUAL, epochs: 4, callbacks })).rejects.toThrow(/NaN or Inf loss/);
      expect(store.files.size).toBe(1);
      infinite.dispose();
    });
  });

  test("a store that gives undefined for no bytes, as a Map does, begins anew", async () => {
    const { files, ...store } = memoryStore();
    const { epoch } = await run(adam, { ...store, read: (name) => files.get(name) }, null, () => [], {}, 2);
    expect(epoch).toEqual([0, 1]);
  });

  test("a store that gives something else than bytes is refused by the name of its method", async () => {
    const read = () => "bytes" as never;
    await expect(run(adam, { ...memoryStore(), read })).rejects.toThrow(
      'BackupAndRestore: backupDir.read must give a Uint8Array or null; received backupDir.read="bytes". Let it give',
    );
  });

  test("a store that cannot write ends the fit with its error, and leaves the backup before it", async () => {
    const whole = await run(adam, memoryStore());
    const store = memoryStore();
    let writes = 0;
    const write: BackupStore["write"] = (name, bytes) => {
      if (++writes === 3) return Promise.reject(new Error("the disk is full"));
      return store.write(name, bytes);
    };
    await expect(run(adam, { ...store, write })).rejects.toThrow("the disk is full");
    const { epoch, state } = await run(adam, store);
    expect([epoch, state]).toEqual([[2, 3, 4, 5], whole.state]);
  });

  test("an optimizer of TensorFlow.js is refused", async () => {
    await withModel(tf.train.sgd(0.1), async ({ model, x, y }) => {
      const training = fitModel(model, x, y, { ...USUAL, callbacks: new BackupAndRestore(memoryStore()) });
      await expect(training).rejects.toThrow(/BackupAndRestore: model.optimizer must be an optimizer of this package/);
    });
  });

  test.each([
    ["an empty folder", [""], /backupDir must not be empty/],
    ["no folder", [null], /backupDir must be a string or a store/],
    [
      "a store that cannot remove",
      [{ read: () => null, write: () => undefined }],
      /backupDir.remove must be a function/,
    ],
    ["a text for saveFreq", ["x", { saveFreq: "batch" }], /saveFreq must be "epoch" or an integer/],
    ["a fraction for saveFreq", ["x", { saveFreq: 0.15 }], /saveFreq must be an integer >= 1/],
    ["false for saveFreq", ["x", { saveFreq: false }], /saveFreq must be "epoch" or an integer/],
    ["an unknown option", ["x", { backupDir: "y" }], /backupDir must be a known argument/],
  ])("%s is refused", (_, values, message) => {
    const create = BackupAndRestore as new (...values: unknown[]) => BackupAndRestore;
    expect(() => new create(...values)).toThrow(message);
  });
});
