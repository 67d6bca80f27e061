// A strategy to run steps over tensors; which one is taken, by backend, is in engine.ts.
import * as tf from "@tensorflow/tfjs-core";
import type { Row, Step } from "../../engine/engine.js";
import type { KerasConstrained } from "./constrained.js";

export interface Strategy {
  /** What `optimizer.engine` says after the backend's name. */
  readonly suffix: string;
  readonly kind: "fused" | "composed";
  /** Whether it can run this step, if not every one; otherwise it is composed. */
  takes?(step: Step<tf.Tensor>, constraints: readonly KerasConstrained[]): boolean;
  /** Runs `make`, so that the array which it makes lies where steps are fast. */
  place?<T>(make: () => T): T;
  /**
   * One step over its rows with steady gradients, and then the constraints, inside `tf.tidy`; returns how many arrays got
   * storage of their own since something else shared theirs. A step that only gathers has no row of a variable that is constrained.
   */
  run(step: Step<tf.Tensor>, rows: readonly Row<tf.Tensor>[], constraints: readonly KerasConstrained[]): number;
  /** Whether every element of every gradient is finite. Called as `run` is. */
  allFinite(step: Step<tf.Tensor>, rows: readonly Row<tf.Tensor>[]): boolean;
  /** Runs `act`, by which an array is disposed of or gets another one's numbers. */
  leaving?(array: tf.Tensor, act: () => void): void;
  /** An array of the same numbers that others may have, if not the array itself. Called inside `tf.tidy`. */
  shareable?(array: tf.Tensor): tf.Tensor;
  /** This step will not run again. */
  release?(step: Step<tf.Tensor>): void;
}

/** What is written was made by `zeros`, or is a variable to train. */
export function written(array: tf.Tensor): tf.Variable {
  return array as tf.Variable; // as said above
}

/** A gradient may be a variable that another row writes: it is read as it was before the step. Call it inside `tf.tidy`. */
export function withSteadyGradient(row: Row<tf.Tensor>): Row<tf.Tensor> {
  const { gradientAt } = row.plan;
  if (!(row.arrays[gradientAt] instanceof tf.Variable)) return row;
  return { ...row, arrays: row.arrays.map((array, i) => (i === gradientAt ? array.clone() : array)) };
}

/** What a strategy knows of the tensors of its backend. */
interface TensorMemory {
  /** Whether a tensor's numbers belong to it alone. */
  isOwn(tensor: tf.Tensor): boolean;
  copyOf(tensor: tf.Tensor): tf.Tensor;
}

/** Gives storage of its own to what is written: nobody else may see it change. Returns how many needed it. */
export function unshare(
  memory: TensorMemory,
  rows: readonly Row<tf.Tensor>[],
  constraints: readonly KerasConstrained[],
): number {
  let copied = 0;
  const own = (array: tf.Tensor): void => {
    if (memory.isOwn(array)) return;
    written(array).assign(memory.copyOf(array));
    copied++;
  };
  for (const { plan, arrays } of rows) {
    for (let i = 0; i < arrays.length; i++) if (i !== plan.gradientAt) own(arrays[i] as tf.Tensor); // an index of the list
  }
  for (const { variable } of constraints) own(variable);
  return copied;
}
