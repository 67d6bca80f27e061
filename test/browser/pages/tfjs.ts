// A page of a user of "rmsprop/tfjs", with every backend that browsers have: what the tests call in it stands on `window`.
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { useWebGpu } from "rmsprop/tfjs/webgpu";
import { movedAsCore, savedAsCore, scaledAsCore } from "./as-core.js";
import { fitSmallModel } from "./fit.js";
import { runLargeSteps } from "./large.js";
import { runSteps } from "./steps.js";
import { fitWithBackups } from "./survive.js";

declare global {
  interface Window {
    start: typeof start;
    fitSmallModel: typeof fitSmallModel;
    fitWithBackups: typeof fitWithBackups;
    runSteps: typeof runSteps;
    runLargeSteps: typeof runLargeSteps;
    scaledAsCore: typeof scaledAsCore;
    savedAsCore: typeof savedAsCore;
    movedAsCore: typeof movedAsCore;
  }
}

// Without it, TensorFlow.js advises to install another package.
tf.enableProdMode();
setWasmPaths("/wasm/");
useWebGpu();

/** Makes a backend the current one; false where it does not start. */
async function start(backend: string): Promise<boolean> {
  const started = await tf.setBackend(backend);
  return started && tf.getBackend() === backend;
}

Object.assign(window, {
  start,
  fitSmallModel,
  fitWithBackups,
  runSteps,
  runLargeSteps,
  scaledAsCore,
  savedAsCore,
  movedAsCore,
});
document.title = "ready";
