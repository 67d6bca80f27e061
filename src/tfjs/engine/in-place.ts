// Steps in the memory of TensorFlow.js' wasm backend: one kernel reads and writes tensors where they lie.
import * as tf from "@tensorflow/tfjs-core";
import type { Batch, Row } from "../../engine/engine.js";
import { FiniteBatch } from "../../engine/wasm/finite-batch.js";
import { Runner } from "../../engine/wasm/runner.js";
import { joinThreads } from "../../engine/wasm/threads/thread-count.js";
import { createWorkspace } from "../../engine/wasm/workspace.js";
import { AVERAGE } from "../../rule/plan.js";
import { type BackendMemory, memoryOf } from "./backend-memory.js";
import { type Strategy, withSteadyGradient, written } from "./strategy.js";

/** Null where the backend's memory cannot be reached, or WebAssembly cannot be made at run time. */
export function createInPlaceStrategy(backend: tf.KernelBackend): Strategy | null {
  try {
    const memory = memoryOf(backend);
    return memory === null ? null : strategyIn(memory);
  } catch {
    return null; // A policy refuses kernels; other fields are not what they seem.
  }
}

function strategyIn(memory: BackendMemory): Strategy {
  const placement = {
    addressOf: (tensor: tf.Tensor) => memory.addressOf(tensor),
    lengthOf: (tensor: tf.Tensor) => tensor.size,
  };
  const workspace = createWorkspace<tf.Tensor>(memory, placement, () => null);
  joinThreads(workspace.dispatcher);
  const runner = new Runner<tf.Tensor>(() => workspace);
  const finite = new FiniteBatch<tf.Tensor>(() => "float32");
  const batches = new WeakMap<Batch<tf.Tensor>, SteadyBatch>();
  return {
    suffix: "-fused",
    kind: "fused",
    takes: () => true,
    place: (make) => memory.staggered(make),
    run: (batch, scalars) =>
      tf.tidy(() => {
        workspace.dispatcher.check();
        const own = batches.get(batch) ?? { rows: [], version: 0 };
        batches.set(batch, own);
        own.rows = batch.rows.map(withSteadyGradient);
        own.version++;
        let copied = 0;
        for (const row of own.rows) copied += unshare(memory, row);
        runner.run(own, scalars);
        for (const row of own.rows) announce(memory, row);
        return copied;
      }),
    release: (batch) => {
      const own = batches.get(batch);
      if (own) runner.release(own);
      batches.delete(batch);
    },
    allFinite: (gradients) => runner.allFinite(finite.retake(gradients)),
  };
}

/** The rows of one step: their gradients are new tensors each time. */
interface SteadyBatch {
  rows: readonly Row<tf.Tensor>[];
  version: number;
}

/** Slots are nobody's business but ours, except averages: while they are shown, variables share their storage. */
const SEEN = ["variable", AVERAGE];

function announce(memory: BackendMemory, { plan, arrays }: Row<tf.Tensor>): void {
  for (const name of SEEN) {
    const array = arrays[plan.arrays.indexOf(name)];
    if (array !== undefined) memory.announceWrite(array);
  }
}

/** Gives storage of its own to what is written: nobody else may see it change. Returns how many needed it. */
function unshare(memory: BackendMemory, { plan, arrays }: Row<tf.Tensor>): number {
  let copied = 0;
  for (let i = 0; i < arrays.length; i++) {
    const array = arrays[i] as tf.Tensor;
    if (i === plan.gradientAt || memory.isOwn(array)) continue;
    written(array).assign(tf.tensor(array.dataSync<"float32">(), array.shape));
    copied++;
  }
  return copied;
}
