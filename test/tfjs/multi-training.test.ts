// What stands around a step, with several optimizers: callbacks, constraints of layers, norms, and a fit that goes on.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  Adam,
  BackupAndRestore,
  fit as fitModel,
  LearningRateScheduler,
  MultiOptimizer,
  type MultiOptions,
  ReduceLROnPlateau,
  RMSprop,
  SGD,
  SwapEMAWeights,
} from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { bits } from "./backends.js";
import { USUAL, withModel } from "./callback-models.js";
import { weightBits } from "./models.js";
import { onSomeBackend } from "./suite.js";

/** One for kernels, one for biases. */
const kernelsAndBiases = (kernels: SGD | RMSprop, biases: SGD | Adam, options: MultiOptions = {}): MultiOptimizer =>
  new MultiOptimizer(({ shape }) => (shape.length > 1 ? kernels : biases), options);

const several = (): MultiOptimizer =>
  kernelsAndBiases(
    new RMSprop({ learningRate: 0.1, momentum: 0.9, useEma: true, name: "kernels" }),
    new Adam({ learningRate: 0.01, name: "biases" }),
  );

onSomeBackend(() => {
  test("a scheduler and a plateau set the rates of both, which the history has by their names", async () => {
    await withModel(several(), async ({ model, x, y, optimizer }) => {
      const halving = new LearningRateScheduler((_, rate) => rate / 2);
      const { history } = await model.fit(x, y, { ...USUAL, epochs: 2, callbacks: [halving] });
      expect(history.learning_rate_kernels).toEqual([Math.fround(0.1) / 2, Math.fround(0.1) / 4]);
      expect(history.learning_rate_biases).toEqual([Math.fround(0.01) / 2, Math.fround(0.01) / 4]);
      const plateau = new ReduceLROnPlateau({ monitor: "loss", patience: 1, factor: 0.5, minDelta: 100 });
      await fitModel(model, x, y, { ...USUAL, epochs: 2, callbacks: [plateau] });
      const rates = optimizer.optimizers.map(({ learningRate }) => learningRate);
      expect(rates).toEqual([Math.fround(0.1) / 8, Math.fround(0.01) / 8]);
    });
  });

  test("SwapEMAWeights shows averages of those that keep some", async () => {
    await withModel(several(), async ({ model, x, y, validationData, optimizer }) => {
      const { history } = await model.fit(x, y, {
        ...USUAL,
        epochs: 2,
        validationData,
        callbacks: new SwapEMAWeights(),
      });
      await optimizer.withAverage(async () => {
        const [loss, mae] = model.evaluate(...validationData, { batchSize: 4 }) as [tf.Scalar, tf.Scalar];
        expect(history.val_loss?.[1]).toBeCloseTo((await loss.data<"float32">())[0] ?? Number.NaN, 6);
        tf.dispose([loss, mae]);
      });
    });
  });

  test("a fit that is interrupted goes on in every bit", async () => {
    const files = new Map<string, Uint8Array>();
    const store = {
      read: (name: string) => files.get(name)?.slice() ?? null,
      write: (name: string, bytes: Uint8Array) => void files.set(name, bytes.slice()),
      remove: (name: string) => void files.delete(name),
    };
    const trained = async (interruptedAfter: number | null, backup: BackupAndRestore | null): Promise<string[]> => {
      let state: string[] = [];
      await withModel(several(), async ({ model, x, y, optimizer }) => {
        let epochs = 0;
        const onEpochEnd = async () => {
          if (++epochs === interruptedAfter) model.stopTraining = true;
        };
        const callbacks = [...(backup ? [backup] : []), new tfl.CustomCallback({ onEpochEnd })];
        await fitModel(model, x, y, { ...USUAL, epochs: 4, callbacks });
        state = [...weightBits(model), ...optimizer.variables.map(({ value }) => bits(value))];
      });
      return state;
    };
    const whole = await trained(null, null);
    await trained(2, new BackupAndRestore(store, { deleteCheckpoint: false }));
    expect(files.size).toBe(1);
    expect(await trained(null, new BackupAndRestore(store))).toEqual(whole);
  });

  test("constraints of layers hold, and norms over all parts are those of one optimizer", async () => {
    const x = tf.ones([4, 1]);
    const y = tf.fill([4, 1], -5);
    const modelOf = (optimizer: tf.Optimizer): tfl.LayersModel => {
      const dense = (units: number) =>
        tfl.layers.dense({ units, kernelConstraint: "nonNeg", kernelInitializer: "ones", biasConstraint: "nonNeg" });
      const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [1] }), dense(2), dense(1)] });
      model.compile({ optimizer, loss: "meanSquaredError" });
      return model;
    };
    const options = { globalClipnorm: 1 };
    const optimizers = [
      kernelsAndBiases(new SGD({ learningRate: 0.1 }), new SGD({ learningRate: 0.1 }), options),
      new SGD({ learningRate: 0.1, ...options }),
    ] as const;
    const models = optimizers.map(modelOf);
    for (const model of models) await fitModel(model, x, y, { epochs: 30, shuffle: false, verbose: 0 });
    const [weights, alone] = models.map(weightBits);
    expect(weights).toEqual(alone);
    const values = (models[0]?.getWeights() ?? []).flatMap((each) => [...each.dataSync()]);
    expect(Math.min(...values)).toBe(0);
    expect(await optimizers[0].gradientNorm).toBeCloseTo((await optimizers[1].gradientNorm) ?? Number.NaN, 4);
    for (const made of [...models, ...optimizers]) made.dispose();
    tf.dispose([x, y]);
  });
});
