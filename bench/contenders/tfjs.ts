// TensorFlow.js: its own RMSprop, and this package's for it.
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";
import { type Contender, timed } from "../contender.js";
import { gradients, HYPER, SHOWN, weights } from "./data.js";

export type Backend = "cpu" | "wasm";

/** Makes TensorFlow.js compute on a backend. Only one at a time can be measured in a process. */
export async function startTfjs(backend: Backend): Promise<void> {
  tf.enableProdMode();
  await REGISTER[backend]();
  if (!(await tf.setBackend(backend))) throw new Error(`The ${backend} backend of TensorFlow.js did not start.`);
}

const REGISTER: Readonly<Record<Backend, () => Promise<void>>> = {
  cpu: async () => {
    await import("@tensorflow/tfjs-backend-cpu");
  },
  wasm: async () => {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    const packageFile = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
    setWasmPaths(join(dirname(packageFile), "wasm-out") + sep);
  },
};

/** `tf.train.rmsprop` over `count` variables of `length` elements each. */
export function tfTrain(count: number, length: number): Contender {
  const { learningRate, rho, epsilon } = HYPER;
  return contender(
    `tf.train.rmsprop, ${tf.getBackend()}`,
    tf.train.rmsprop(learningRate, rho, 0, epsilon),
    count,
    length,
  );
}

/** RMSprop of "rmsprop/tfjs" over as many. */
export function oursOnTfjs(count: number, length: number): Contender {
  return contender(`rmsprop/tfjs, ${tf.getBackend()}`, new RMSprop(HYPER), count, length);
}

function contender(name: string, optimizer: tf.Optimizer, count: number, length: number): Contender {
  const trained = Array.from({ length: count }, () => tf.variable(tf.tensor1d(weights(length))));
  const given = trained.map((variable) => ({ name: variable.name, tensor: tf.tensor1d(gradients(length)) }));
  const peek = (): ArrayLike<number> => trained[0]?.dataSync<"float32">().slice(0, SHOWN) ?? [];
  return timed(name, () => optimizer.applyGradients(given), peek);
}
