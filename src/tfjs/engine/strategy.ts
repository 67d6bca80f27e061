// A strategy to run steps over tensors; which one is taken, by backend, is in engine.ts.
import * as tf from "@tensorflow/tfjs-core";
import type { Batch, Row, ScalarsByType } from "../../engine/engine.js";

export interface Strategy {
  /** What `optimizer.engine` says after the backend's name. */
  readonly suffix: string;
  readonly kind: "fused" | "composed";
  /** Whether it can run these steps; otherwise they are composed. */
  takes(batch: Batch<tf.Tensor>): boolean;
  /** Runs `make`, so that the array which it makes lies where steps are fast. */
  place<T>(make: () => T): T;
  /** One step; returns how many arrays got storage of their own since something else shared theirs. */
  run(batch: Batch<tf.Tensor>, scalars: ScalarsByType): number;
  /** This batch will not run again. */
  release(batch: Batch<tf.Tensor>): void;
  allFinite(gradients: readonly tf.Tensor[]): boolean;
}

/** What is written was made by `zeros`, or is a variable to train. */
export function written(array: tf.Tensor): tf.Variable {
  return array as tf.Variable;
}

/** A gradient may be a variable that another row writes: it is read as it was before the step. Call it inside `tf.tidy`. */
export function withSteadyGradient(row: Row<tf.Tensor>): Row<tf.Tensor> {
  const { gradientAt } = row.plan;
  if (!(row.arrays[gradientAt] instanceof tf.Variable)) return row;
  return { plan: row.plan, arrays: row.arrays.map((array, i) => (i === gradientAt ? array.clone() : array)) };
}
