// The weights that a constraint of Keras makes of those which a step has left: of numbers, and of tensors.
import * as tf from "@tensorflow/tfjs-core";
import { Argument } from "../../check/argument.js";
import { reducedAxes } from "../../constraints/axis-norm.js";
import { dataOf } from "../../constraints/constraint-data.js";
import { cellOf, notNegative, weightByCell } from "../../rule/constraint-formula.js";
import { hasHalfFloats } from "./backends.js";
import type { KerasConstrained } from "./constrained.js";
import { TENSORS } from "./ops.js";

/** The weights that a constraint makes of numbers. */
export function constrainedNumbers({ variable, keras }: KerasConstrained, values: Float32Array): Float32Array {
  return keras.call(values, variable.shape) as Float32Array; // of the type of its argument
}

/** The weights that a constraint makes of a tensor, by TensorFlow.js' own operations. Call it inside `tf.tidy`. */
export function constrainedTensor({ variable, constraint, keras }: KerasConstrained): tf.Tensor {
  // Keras' 1e-7 vanishes there, and a norm of zero would give NaN: TensorFlow.js has another one.
  if (hasHalfFloats()) return constraint.apply(variable);
  const data = dataOf(keras);
  if (data.kind === "NonNeg") return notNegative<tf.Tensor>(TENSORS, variable);
  const reduced = reducedAxes(new Argument(variable.name, "axis"), data.axis ?? null, variable.shape);
  const axes = reduced.flatMap((isReduced, axis) => (isReduced ? [axis] : []));
  const squares = tf.mul(variable, variable);
  const norm = tf.sqrt(axes.length === 0 ? squares : tf.sum(squares, axes, true));
  return weightByCell<tf.Tensor>(TENSORS, data.kind, variable, cellOf(TENSORS, data, norm));
}
