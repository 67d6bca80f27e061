// What tests of refusals look at: the error itself, and everything that must not have changed.
import type * as tf from "@tensorflow/tfjs-core";
import type { LossScaleOptimizer, RMSprop } from "rmsprop/tfjs";
import { bits, bitsOf, memory } from "./backends.js";

/** All that a step may change. */
export function everythingOf(optimizer: RMSprop | LossScaleOptimizer, variables: readonly tf.Variable[]): unknown[] {
  const own = optimizer.variables.map(({ path, value }) => `${path} ${bits(value)}`);
  return [own, optimizer.iterations, optimizer.learningRate, variables.map(bitsOf), memory()];
}

/** The error that `action` throws. */
export function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
