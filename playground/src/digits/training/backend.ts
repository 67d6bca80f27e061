// Starts TensorFlow.js in a worker: on its wasm backend, whose binary is a file of the site, or where the browser or its
// policy has no WebAssembly with vectors, on its cpu backend.
import wasmUrl from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import { findSimd } from "../../speed/machine.js";

/** The name of the backend that runs. Throws an Error in words for what could not be loaded. */
export async function startBackend(): Promise<string> {
  const name = findSimd().found ? await prepareWasm() : await prepareCpu();
  if (!(await tf.setBackend(name))) throw new Error(`The ${name} backend of TensorFlow.js did not start`);
  return name;
}

async function prepareWasm(): Promise<string> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  // Its threads would be workers made of text, which the page's policy refuses.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  // It waits for ever for a binary that does not come.
  const { ok } = await fetch(wasmUrl);
  if (!ok) throw new Error("The binary of TensorFlow.js could not be loaded");
  const names = ["tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm.wasm", "tfjs-backend-wasm-threaded-simd.wasm"];
  setWasmPaths(Object.fromEntries(names.map((file) => [file, wasmUrl])));
  return "wasm";
}

async function prepareCpu(): Promise<string> {
  await import("@tensorflow/tfjs-backend-cpu");
  return "cpu";
}
