// Steps over copies of tensors: the default engine computes, and what it has written becomes new tensors. For backends whose
// values can be had at once, as numbers in JavaScript's memory.
import * as tf from "@tensorflow/tfjs-core";
import { bufferOf, ownCopy } from "../../check/built-ins.js";
import { defaultEngine } from "../../engine/default-engine.js";
import type { HostArray, Row, Step } from "../../engine/engine.js";
import type { Plan } from "../../rule/plan.js";
import { type Strategy, written } from "./strategy.js";

export function createStagedStrategy(): Strategy {
  const engine = defaultEngine();
  /** All arrays are new each time, so that nothing is kept. */
  const once = <T>(step: Step<HostArray>, act: (step: Step<HostArray>) => T): T => {
    try {
      return act(step);
    } finally {
      engine.release?.(step);
    }
  };
  return {
    suffix: "-staged",
    kind: "fused",
    run({ scalars }, rows) {
      const staged = stagedRows(rows);
      once({ rows: staged, scalars }, (step) => engine.run(step));
      for (const [i, row] of rows.entries()) assign(row, staged[i]?.arrays ?? []);
      return 0;
    },
    allFinite: ({ scalars }, rows) =>
      once({ rows: rows.flatMap(gradientRow), scalars }, (step) => engine.allFinite(step)),
  };
}

/** The row as far as its gradient goes. */
function gradientRow({ plan, arrays, scalars }: Row<tf.Tensor>): Row<HostArray>[] {
  const gradient = arrays[plan.gradientAt]?.dataSync<"float32">();
  return gradient === undefined ? [] : [{ plan, arrays: arrays.map(() => gradient), scalars }];
}

function stagedRows(rows: readonly Row<tf.Tensor>[]): Row<Float32Array>[] {
  const staged = rows.map(stagedRow);
  const written = new Set(
    staged.flatMap(({ plan, arrays }) => arrays.filter((_, i) => i !== plan.gradientAt)).map(bufferOf),
  );
  for (const { plan, arrays } of staged) {
    const gradient = arrays[plan.gradientAt];
    // A tensor may have been made of the very numbers of a slot: a step reads them as they were before it.
    if (gradient !== undefined && written.has(bufferOf(gradient))) arrays[plan.gradientAt] = ownCopy(gradient);
  }
  return staged;
}

function stagedRow({ plan, arrays, scalars }: Row<tf.Tensor>): Row<Float32Array> {
  const values = arrays.map((array, i) => {
    const present = array.dataSync<"float32">();
    return i === plan.gradientAt || isInPlace(plan, array, i) ? present : ownCopy(present);
  });
  return { plan, arrays: values, scalars };
}

function assign({ plan, arrays }: Row<tf.Tensor>, values: readonly Float32Array[]): void {
  arrays.forEach((array, i) => {
    const value = values[i];
    if (value === undefined || i === plan.gradientAt || value === array.dataSync()) return;
    written(array).assign(tf.tensor(value, array.shape));
  });
}

/**
 * On the cpu backend the values of a tensor are those that it computes on: a slot, which is ours alone, is written there. Of
 * a variable others may hold them, such as the array that it was made of.
 */
function isInPlace(plan: Plan, array: tf.Tensor, index: number): boolean {
  return plan.arrays[index] !== "variable" && tf.getBackend() === "cpu" && tf.backend().refCount(array.dataId) === 1;
}
