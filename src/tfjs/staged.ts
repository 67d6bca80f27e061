// Steps over copies of tensors: core's engine computes, and what it has written becomes new tensors. For backends whose
// values can be had at once, as numbers in JavaScript's memory.
import * as tf from "@tensorflow/tfjs-core";
import { defaultEngine } from "../engine/default.js";
import type { Batch, CoreArray, Row } from "../engine/engine.js";
import type { Plan } from "../rule/plan.js";
import { type Way, withSteadyGradient, written } from "./way.js";

export function createStagedWay(): Way {
  const engine = defaultEngine();
  const batches = new WeakMap<Batch<tf.Tensor>, StagedBatch>();
  return {
    suffix: "-staged",
    kind: "fused",
    takes: () => true,
    place: (make) => make(),
    run: (batch, scalars) =>
      tf.tidy(() => {
        const staged = batches.get(batch) ?? { rows: [], version: 0 };
        batches.set(batch, staged);
        staged.rows = batch.rows.map(withSteadyGradient).map(stagedRow);
        staged.version++;
        engine.run(staged, scalars);
        batch.rows.forEach((row, i) => {
          assign(row, staged.rows[i]?.arrays ?? []);
        });
        return 0;
      }),
    release: (batch) => {
      const staged = batches.get(batch);
      if (staged) engine.release(staged);
      batches.delete(batch);
    },
    allFinite: (gradients) => engine.allFinite(gradients.map((gradient) => gradient.dataSync<"float32">())),
  };
}

/** The rows of one step: all arrays are new each time. */
interface StagedBatch {
  rows: readonly Row<CoreArray>[];
  version: number;
}

function stagedRow({ plan, arrays }: Row<tf.Tensor>): Row<CoreArray> {
  const values = arrays.map((array, i) => {
    const present = array.dataSync<"float32">();
    return i === plan.gradientAt || isInPlace(plan, array, i) ? present : present.slice();
  });
  return { plan, arrays: values };
}

function assign({ plan, arrays }: Row<tf.Tensor>, values: readonly CoreArray[]): void {
  arrays.forEach((array, i) => {
    const value = values[i] as Float32Array; // made by stagedRow
    if (i !== plan.gradientAt && value !== array.dataSync()) written(array).assign(tf.tensor(value, array.shape));
  });
}

/**
 * On the cpu backend the values of a tensor are those that it computes on: a slot, which is ours alone, is written there. Of
 * a variable others may hold them, such as the array that it was made of.
 */
function isInPlace(plan: Plan, array: tf.Tensor, index: number): boolean {
  return plan.arrays[index] !== "variable" && tf.getBackend() === "cpu" && tf.backend().refCount(array.dataId) === 1;
}
