// TensorFlow.js' webgpu backend in Node, over Dawn: it looks for the platform's globals, which Node has none of.
import * as tf from "@tensorflow/tfjs-core";
import { globals } from "webgpu";
import { gpu } from "./device.js";

/** Makes it the current backend. What it reads must be awaited: there is no canvas to read through at once. */
export async function startTensors(): Promise<tf.KernelBackend> {
  tf.enableProdMode();
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "node" }, configurable: true });
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error("the webgpu backend of TensorFlow.js did not start");
  return tf.backend();
}
