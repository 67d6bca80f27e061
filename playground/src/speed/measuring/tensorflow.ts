// The contenders of TensorFlow.js, on its wasm backend: its own RMSprop, and rmsprop/tfjs. Loaded on demand. Its cpu
// backend is left out: there one step of its own takes seconds.
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import plainUrl from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";
import { type Contender, gradients, type Live, timed, weights } from "./contender.js";

/** By their words, with the options of the step that all others make. */
const OPTIMIZERS: Readonly<Record<string, () => tf.Optimizer>> = {
  tftrain: () => tf.train.rmsprop(0.001, 0.9, 0, 1e-7),
  tfjs: () => new RMSprop(),
};

export function tensorflowContenders(): Contender[] {
  tf.enableProdMode();
  // Its threads are scripts made at run time, which the policy of this page refuses.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths({
    "tfjs-backend-wasm.wasm": absolute(plainUrl),
    "tfjs-backend-wasm-simd.wasm": absolute(simdUrl),
    // It must be named, but is never asked for.
    "tfjs-backend-wasm-threaded-simd.wasm": absolute(simdUrl),
  });
  return Object.entries(OPTIMIZERS).map(([word, create]) => ({ word, create: () => onWasm(create()) }));
}

function absolute(url: string): string {
  return new URL(url, location.href).href;
}

async function onWasm(optimizer: tf.Optimizer): Promise<Live> {
  if (!(await tf.setBackend("wasm"))) throw new Error("The wasm backend of TensorFlow.js did not start.");
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
