// A process of its own that tests kill: trains with backups in a folder, says when an epoch begins, and prints the bits that it
// ends with. Each optimizer keeps state beside the weights.
import { writeSync } from "node:fs";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { Adam, BackupAndRestore, fit as fitModel, RMSprop } from "rmsprop/tfjs";
import { canonical } from "../oracle/bits.js";
import { smallData, smallModel, USUAL } from "./callback-models.js";

const [folder = "", epochs = "", kind = ""] = process.argv.slice(2);
tf.enableProdMode();
const optimizer =
  kind === "adam"
    ? new Adam({ useEma: true, emaOverwriteFrequency: 7 })
    : new RMSprop({ momentum: 0.9, centered: true, gradientAccumulationSteps: 3 });
const model = smallModel(optimizer);
const { x, y, validationData } = smallData();
await fitModel(model, x, y, {
  ...USUAL,
  ...{ epochs: Number(epochs), validationData, yieldEvery: "never" },
  callbacks: [
    new BackupAndRestore(folder),
    { onEpochBegin: (epoch: number) => void writeSync(1, `epoch ${epoch}\n`) },
  ] as never, // TensorFlow.js' type has no mixture
});
const arrays = [
  ...model.getWeights().map((weight) => weight.dataSync()),
  ...optimizer.variables.map(({ value }) => value),
];
const state = arrays.map((values) => Buffer.from(canonical(Float32Array.from(values)).buffer).toString("hex"));
writeSync(1, `${JSON.stringify({ state })}\n`);
