// Steps in the memory of TensorFlow.js' wasm backend: one kernel reads and writes tensors where they lie.
import * as tf from "@tensorflow/tfjs-core";
import type { Row, Step } from "../../engine/engine.js";
import { Runner } from "../../engine/wasm/runner.js";
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
  const runner = new Runner<tf.Tensor>(() => workspace);
  const steadySteps = new WeakMap<Step<tf.Tensor>, SteadyStep>();
  /** The rows as they are now: gradients are new tensors each time, and tensors may have moved. */
  const steadied = (step: Step<tf.Tensor>): SteadyStep => {
    const own = steadySteps.get(step) ?? { rows: [], scalars: step.scalars };
    steadySteps.set(step, own);
    own.rows = step.rows.map(withSteadyGradient);
    return own;
  };
  return {
    suffix: "-fused",
    kind: "fused",
    takes: () => true,
    place: (make) => memory.staggered(make),
    run: (step) =>
      tf.tidy(() => {
        workspace.dispatcher.check();
        const own = steadied(step);
        let copied = 0;
        for (const row of own.rows) copied += unshare(memory, row);
        runner.run(own);
        for (const row of own.rows) announce(memory, row);
        return copied;
      }),
    release: (step) => {
      const own = steadySteps.get(step);
      if (own) runner.release(own);
      steadySteps.delete(step);
    },
    allFinite: (step) => tf.tidy(() => runner.allFinite(steadied(step))),
  };
}

interface SteadyStep extends Step<tf.Tensor> {
  rows: readonly Row<tf.Tensor>[];
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
