// TensorFlow.js: its own optimizers, and this package's for it.
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { Adam, RMSprop, SGD } from "rmsprop/tfjs";
import { type Contender, timed } from "../contender.js";
import { ADAM_HYPER, gradients, HYPER, type OptimizerName, SGD_HYPER, SHOWN, weights } from "./data.js";

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

const THEIRS: Readonly<Record<OptimizerName, () => tf.Optimizer>> = {
  RMSprop: () => tf.train.rmsprop(HYPER.learningRate, HYPER.rho, 0, HYPER.epsilon),
  Adam: () => tf.train.adam(ADAM_HYPER.learningRate, ADAM_HYPER.beta1, ADAM_HYPER.beta2, ADAM_HYPER.epsilon),
  SGD: () => tf.train.sgd(SGD_HYPER.learningRate),
};
const OURS: Readonly<Record<OptimizerName, () => tf.Optimizer>> = {
  RMSprop: () => new RMSprop(HYPER),
  Adam: () => new Adam(ADAM_HYPER),
  SGD: () => new SGD(SGD_HYPER),
};

/** The optimizer of `tf.train` over `count` variables of `length` elements each. */
export function tfTrain(count: number, length: number, name: OptimizerName = "RMSprop"): Contender {
  return contender(`tf.train.${name.toLowerCase()}, ${tf.getBackend()}`, THEIRS[name](), count, length);
}

/** That of "rmsprop/tfjs" over as many. */
export function oursOnTfjs(count: number, length: number, name: OptimizerName = "RMSprop"): Contender {
  return contender(`rmsprop/tfjs, ${tf.getBackend()}`, OURS[name](), count, length);
}

function contender(name: string, optimizer: tf.Optimizer, count: number, length: number): Contender {
  const trained = Array.from({ length: count }, () => tf.variable(tf.tensor1d(weights(length))));
  const given = trained.map((variable) => ({ name: variable.name, tensor: tf.tensor1d(gradients(length)) }));
  const peek = (): ArrayLike<number> => trained[0]?.dataSync<"float32">().slice(0, SHOWN) ?? [];
  return timed(name, () => optimizer.applyGradients(given), peek);
}
