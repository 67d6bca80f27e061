// What has to be known of the backends of TensorFlow.js besides their operations: whether variables
// and arrays are still there, and whether their floats can hold epsilon.

import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import { warnOnce } from "../../check/warn.js";
import type { RunState } from "../../core/run/run-state.js";
import { written } from "./strategy.js";

/** The least number of 16-bit floats that is not subnormal: devices may take what is smaller for zero. */
const LEAST_HALF = 2 ** -14;
/** What TensorFlow.js itself takes for epsilon in 16 bits. */
const SAFE_EPSILON = "1e-4";

/** Whether a variable is one that can be used. tf.disposeVariables() does not tell the variables. */
export function isAlive(array: tf.Tensor): boolean {
  return !array.isDisposed && tf.engine().registeredVariables[written(array).name] === array;
}

/** Forgets variables that were disposed of: their slots go with them. */
export function forgetDisposed(run: RunState<tf.Tensor>): void {
  if (run.targets.every(({ array }) => isAlive(array))) return; // as nearly always: nothing is to be made for it
  run.remove(run.targets.filter(({ array }) => !isAlive(array)).map(({ key }) => key));
}

/** Whether the values of a tensor can still be read: they go with a backend that is removed. */
export function isReadable(tensor: tf.Tensor): boolean {
  // TensorFlow.js has no other way to ask; a version without this table is trusted.
  const holder = tf.engine().state.tensorInfo?.get(tensor.dataId)?.backend;
  return holder === undefined || holder === tf.backend() || backends().includes(holder);
}

/** The error for a tensor that cannot be read; `what` it is begins the message. */
export function unreadable(owner: string, what: string): StateError {
  const remedy = "Its values are lost: make a new one, or copy values before tf.removeBackend().";
  return new StateError(owner, `${what} is on a backend of TensorFlow.js that was removed. ${remedy}`);
}

/**
 * What a step asks of the backend: that all slots can still be read, which is looked at again only after the list of backends
 * has changed, and that `epsilon` is a number to it.
 */
export function checkBackend(run: RunState<tf.Tensor>, epsilon: unknown): void {
  const present = backends();
  const last = seen.get(run);
  if (!last || !isSame(last, present)) {
    const lost = run.slots().find(({ array }) => !isReadable(array));
    if (lost) throw unreadable(run.className, `the ${lost.name} of ${lost.target.name}`);
    seen.set(run, present);
  }
  warnOfVanishingEpsilon(run.className, epsilon);
}

/**
 * Warns, once for each epsilon, where a positive epsilon is too small for the backend's floats: half-precision textures on some
 * phones. Where those flush it to zero, a gradient of zero is divided by zero, and weights become NaN.
 */
export function warnOfVanishingEpsilon(owner: string, epsilon: unknown): void {
  if (typeof epsilon !== "number" || epsilon === 0 || epsilon >= LEAST_HALF || !hasHalfFloats()) return;
  const facts = `epsilon=${epsilon} is too small for the 16-bit floats of the webgl backend on this device`;
  const remedy = `Pass epsilon: ${SAFE_EPSILON} or more, or train on the wasm backend.`;
  warnOnce(`${owner}: ${facts}; weights may become NaN. ${remedy}`);
}

/** Its `floatPrecision()` does not say it: with 4.22 that is 16 on devices with 32 bits, and 32 on those with 16. */
const hasHalfFloats = (): boolean => tf.getBackend() === "webgl" && !tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED");

const seen = new WeakMap<RunState<tf.Tensor>, readonly tf.KernelBackend[]>();

const backends = (): tf.KernelBackend[] => Object.values(tf.engine().registry);
