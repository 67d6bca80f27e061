// `Ops` over tensors: the rule runs on whatever backend TensorFlow.js uses.
import * as tf from "@tensorflow/tfjs-core";
import type { Ops } from "../../rule/ops.js";

/** Each operation is one of TensorFlow.js' own; call it inside `tf.tidy`. */
export const TENSORS: Ops<tf.Tensor> = {
  constant: (value) => tf.scalar(value),
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, b) => tf.div(a, b),
  sqrt: (a) => tf.sqrt(a),
  abs: (a) => tf.abs(a),
  min: (a, b) => orNaN(b, tf.minimum(a, b)),
  max: (a, b) => orNaN(b, tf.maximum(a, b)),
  // Limits are no NaN.
  clamp: (a, low, high) => tf.minimum(tf.maximum(a, low), high),
  lessOrEqual: (a, b) => tf.lessEqual(a, b),
  select: (mask, yes, no) => tf.where(mask, yes, no),
};

/** The result of `minimum` or `maximum`, which on "wasm" is the first operand when the second is NaN. */
const orNaN = (second: tf.Tensor, result: tf.Tensor): tf.Tensor => tf.where(tf.equal(second, second), result, second);
