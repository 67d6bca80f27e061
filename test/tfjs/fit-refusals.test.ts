// What fit refuses: a second fit of a model or with a callback that is in one, and what is no model and no callback.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { BackupAndRestore, EarlyStopping, fit as fitModel, RMSprop } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { memoryStore, smallData, smallModel, USUAL } from "./callback-models.js";
import { onSomeBackend } from "./suite.js";

const WHOLE = { ...USUAL, batchSize: 8 };

interface Twins {
  readonly model: tfl.LayersModel;
  readonly optimizer: RMSprop;
  readonly twin: tfl.LayersModel;
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

async function withTwins(body: (twins: Twins) => Promise<void>): Promise<void> {
  const optimizers = [new RMSprop(), new RMSprop()] as const;
  const [optimizer] = optimizers;
  const [model, twin] = [smallModel(optimizer), smallModel(optimizers[1])];
  const { x, y, validationData } = smallData();
  await body({ model, optimizer, twin, x, y });
  for (const made of [model, twin, ...optimizers]) made.dispose();
  tf.dispose([x, y, validationData]);
}

const plainFit: typeof fitModel = (model, x, y, args) => model.fit(x, y, args);

onSomeBackend(() => {
  test.each(["fit", "model.fit"])(
    "a second fit of a model is refused before it restores anything: %s first",
    async (first) => {
      await withTwins(async ({ model, optimizer, x, y }) => {
        const store = memoryStore();
        const kept = new BackupAndRestore(store, { deleteCheckpoint: false });
        await fitModel(model, x, y, { ...WHOLE, callbacks: kept });
        const steps = optimizer.iterations;
        const args = { ...WHOLE, epochs: 3, callbacks: {} };
        const training = first === "fit" ? fitModel(model, x, y, args) : model.fit(x, y, args);
        const second = fitModel(model, x, y, { ...WHOLE, epochs: 3, callbacks: new BackupAndRestore(store) });
        await expect(second).rejects.toThrow("fit: another fit of this model has not ended. Await it first.");
        await training;
        expect([optimizer.iterations, store.files.size]).toEqual([4 * steps, 1]);
      });
    },
  );

  test("a callback of a fit that has not ended is refused in another, and can be used when it has", async () => {
    await withTwins(async ({ model, twin, x, y }) => {
      const callbacks = new EarlyStopping({ monitor: "loss" });
      for (const train of [fitModel, plainFit]) {
        const both = [model, twin].map((each) => train(each, x, y, { ...WHOLE, epochs: 2, callbacks }));
        const results = await Promise.allSettled(both);
        expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
        const [refused] = results.filter(({ status }) => status === "rejected");
        expect(String((refused as PromiseRejectedResult).reason)).toMatch(
          /StateError: .+ Make a callback for each fit/,
        );
        await train(twin, x, y, { ...WHOLE, callbacks });
      }
    });
  });

  test.each([
    ["no model", [null], /^fit: model must be a LayersModel; received model=null/],
    ["a class", [EarlyStopping], /^fit: callbacks\[0\] must be a callback or an object of functions/],
    ["null among callbacks", [[{}, null]], /^fit: callbacks\[1\] must be a callback/],
  ])("%s is refused", async (what, [given], message) => {
    await withTwins(async ({ model, x, y }) => {
      const isModel = what === "no model";
      const args = isModel ? WHOLE : { ...WHOLE, callbacks: given as never };
      await expect(fitModel(isModel ? (given as never) : model, x, y, args)).rejects.toThrow(message);
    });
  });
});
