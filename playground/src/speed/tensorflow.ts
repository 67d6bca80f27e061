// The contenders of TensorFlow.js, on its wasm and cpu backends: its own RMSprop, and rmsprop/tfjs. Loaded on demand.
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import plainUrl from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";
import { type Contender, gradients, type Live, timed, weights } from "./contender.js";

const BACKENDS = ["wasm", "cpu"] as const;

/** The options of the step that all others make. */
const OPTIMIZERS: Readonly<Record<string, () => tf.Optimizer>> = {
  "tf.train.rmsprop": () => tf.train.rmsprop(0.001, 0.9, 0, 1e-7),
  "rmsprop/tfjs": () => new RMSprop(),
};

export function tensorflowContenders(): Contender[] {
  tf.enableProdMode();
  // Its threads are scripts made at run time, which the policy of this page refuses.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  const files = { "tfjs-backend-wasm.wasm": plainUrl, "tfjs-backend-wasm-simd.wasm": simdUrl };
  setWasmPaths(
    Object.fromEntries(Object.entries(files).map(([name, url]) => [name, new URL(url, location.href).href])),
  );
  return BACKENDS.flatMap((backend) =>
    Object.entries(OPTIMIZERS).map(([name, create]) => ({
      name: `${name}, TensorFlow.js' ${backend} backend`,
      kind: "step" as const,
      create: () => onBackend(backend, create()),
    })),
  );
}

async function onBackend(backend: (typeof BACKENDS)[number], optimizer: tf.Optimizer): Promise<Live> {
  if (!(await tf.setBackend(backend))) throw new Error(`The ${backend} backend of TensorFlow.js did not start.`);
  const variable = tf.variable(tf.tensor1d(weights()));
  const tensor = tf.tensor1d(gradients());
  return {
    time: timed(() => optimizer.applyGradients([{ name: variable.name, tensor }])),
    dispose: () => {
      optimizer.dispose();
      tf.dispose([variable, tensor]);
    },
  };
}
