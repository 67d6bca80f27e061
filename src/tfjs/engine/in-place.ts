// Steps in the memory of TensorFlow.js' wasm backend: one kernel reads and writes tensors where they lie.
import type * as tf from "@tensorflow/tfjs-core";
import type { Row, Step } from "../../engine/engine.js";
import { Runner } from "../../engine/wasm/runner.js";
import { createWorkspace } from "../../engine/wasm/workspace.js";
import { AVERAGE } from "../../rule/plan.js";
import { type BackendMemory, memoryOf } from "./backend-memory.js";
import { constrainedNumbers } from "./constrained-values.js";
import { type Strategy, unshare } from "./strategy.js";

/** Null where the backend's memory cannot be reached; throws where WebAssembly cannot be made at run time. */
export function createInPlaceStrategy(backend: tf.KernelBackend): Strategy | null {
  const memory = memoryOf(backend);
  if (memory === null) return null;
  const placement = {
    addressOf: (tensor: tf.Tensor) => memory.addressOf(tensor),
    lengthOf: (tensor: tf.Tensor) => tensor.size,
  };
  const workspace = createWorkspace<tf.Tensor>(memory, placement, () => null);
  const runner = new Runner<tf.Tensor>(() => workspace);
  const steadySteps = new WeakMap<Step<tf.Tensor>, SteadyStep>();
  /** The rows as they are now: gradients are new tensors each time, and tensors may have moved. */
  const steadied = (step: Step<tf.Tensor>, rows: readonly Row<tf.Tensor>[]): SteadyStep => {
    const own = Object.assign(steadySteps.get(step) ?? { scalars: step.scalars, squares: step.squares }, { rows });
    steadySteps.set(step, own);
    return own;
  };
  return {
    suffix: "-fused",
    kind: "fused",
    place: (make) => memory.staggered(make),
    run(step, rows, constraints) {
      workspace.dispatcher.check();
      const copied = unshare(memory, rows, constraints);
      runner.run(steadied(step, rows));
      for (const each of constraints) {
        const values = memory.viewOf(each.variable);
        values.set(constrainedNumbers(each, values));
        memory.announceWrite(each.variable);
      }
      for (const row of rows) announce(memory, row);
      return copied;
    },
    release: (step) => {
      const own = steadySteps.get(step);
      if (own) runner.release(own);
      steadySteps.delete(step);
    },
    allFinite: (step, rows) => runner.allFinite(steadied(step, rows)),
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
