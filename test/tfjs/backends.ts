// The backends of TensorFlow.js that run in Node, and tensors from and to numbers. No test framework: child processes use it, too.
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { canonical } from "../oracle/bits.js";

export const BACKENDS = ["cpu", "wasm"] as const;
export type Backend = (typeof BACKENDS)[number];

/** What `optimizer.engine` says on each backend. */
export const ENGINES: Readonly<Record<Backend, string>> = { cpu: "tfjs-cpu-staged", wasm: "tfjs-wasm-fused" };

// Without it, TensorFlow.js advises to install another package.
tf.enableProdMode();

/** Makes this backend the current one, with the binaries of the installed package. */
export async function startBackend(backend: Backend): Promise<void> {
  const packageFile = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
  if (backend === "wasm" && !tf.findBackend("wasm")) setWasmPaths(join(dirname(packageFile), "dist") + sep);
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend of TensorFlow.js did not start`);
}

export function memory(): { numTensors: number; numBytes: number } {
  const { numTensors, numBytes } = tf.memory();
  return { numTensors, numBytes };
}

/** A variable that owns its memory alone: the tensor of its first value is disposed of. */
export function variable(values: tf.TensorLike, name?: string, trainable = true): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, undefined, "float32"), trainable, name));
}

/** The bits of float32 numbers, so that -0 counts; those of a NaN say nothing. */
export function bits(values: ArrayLike<number>): string {
  return Buffer.from(canonical(Float32Array.from(values)).buffer).toString("hex");
}

export function bitsOf(tensor: tf.Tensor): string {
  return bits(tensor.dataSync());
}
