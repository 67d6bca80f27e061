// tfjs/callbacks/: what TensorFlow.js calls while it trains a model.
//
// The class that callbacks extend, without an import of tfjs-layers: whoever trains in a loop of their own need not install it.
import type * as tfl from "@tensorflow/tfjs-layers";
import { builtin } from "../../check/node-builtin.js";
import type { UnresolvedLogs } from "./logs.js";

/** What TensorFlow.js calls on callbacks that it has not made itself. */
export class PlainCallback implements tfl.Callback {
  declare model: tfl.LayersModel;
  declare params: tfl.Callback["params"];
  declare validationData: tfl.Callback["validationData"];

  /** Takes epochs, batch size and the like. */
  setParams(params: tfl.Callback["params"]): void {
    this.params = params;
  }

  /** Takes the model that is trained. */
  setModel(_: Parameters<tfl.Callback["setModel"]>[0]): void {}

  /** Before the first epoch. */
  async onTrainBegin(): Promise<void> {}

  /** After the last epoch. */
  async onTrainEnd(): Promise<void> {}

  /** Before each epoch. */
  async onEpochBegin(_epoch: number, _logs?: UnresolvedLogs): Promise<void> {}

  /** After each epoch. */
  async onEpochEnd(_epoch: number, _logs?: UnresolvedLogs): Promise<void> {}

  /** Before each batch. */
  async onBatchBegin(_batch: number, _logs?: UnresolvedLogs): Promise<void> {}

  /** After each batch. */
  async onBatchEnd(_batch: number, _logs?: UnresolvedLogs): Promise<void> {}
}

/** `tfl.Callback` on Node, where tfjs-layers is installed; elsewhere a class of our own, which TensorFlow.js does not know. */
export const CallbackBase: typeof PlainCallback = /* @__PURE__ */ callbackOnNode() ?? PlainCallback;

function callbackOnNode(): typeof PlainCallback | null {
  try {
    const node = builtin<typeof import("node:module")>("node:module");
    // The same module as an import gives: there is no other for Node.
    return node?.createRequire(import.meta.url)("@tensorflow/tfjs-layers").Callback ?? null;
  } catch {
    return null; // It is not installed, or this is a bundle.
  }
}
