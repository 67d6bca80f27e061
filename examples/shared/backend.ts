// Starts TensorFlow.js where the examples compute: on its WASM backend.
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** Makes TensorFlow.js compute on its WASM backend, with the binaries of the installed package. */
export async function startWasmBackend(): Promise<void> {
  const packageFile = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
  // It takes the paths once, before it starts.
  if (!tf.findBackend("wasm")) setWasmPaths(join(dirname(packageFile), "wasm-out") + sep);
  if (!(await tf.setBackend("wasm"))) {
    throw new Error("The WASM backend of TensorFlow.js did not start.");
  }
}
