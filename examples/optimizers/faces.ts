// One definition on three kinds of arrays: each function gives the path of Yogi down to the minimum of x² / 2.
import { init, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { defineOptimizer, Variable } from "rmsprop";
import { defineTransformation } from "rmsprop/jax";
import { defineOptimizer as defineForTensors } from "rmsprop/tfjs";
import { YOGI } from "./yogi.js";

const STEPS = 5;
const OPTIONS = { learningRate: 1 };

/** Over numbers in memory. */
export function core(): number[] {
  const [Yogi, x] = [defineOptimizer(YOGI), new Variable(10)];
  const optimizer = new Yogi(OPTIONS);
  return Array.from({ length: STEPS }, () => {
    optimizer.minimize(() => ({ value: x.item() ** 2 / 2, gradients: [x.item()] }), [x]);
    return x.item();
  });
}

/** Over the variables of TensorFlow.js, whose automatic differentiation gives the gradient. */
export function tensors(): number[] {
  const [Yogi, x] = [defineForTensors(YOGI), tf.variable(tf.scalar(10))];
  const optimizer = new Yogi(OPTIONS);
  return Array.from({ length: STEPS }, () => {
    optimizer.minimize(() => tf.div(tf.square(x), 2), false, [x]);
    return x.dataSync()[0] ?? Number.NaN;
  });
}

/** As pure functions over arrays of jax-js. */
export async function arrays(): Promise<number[]> {
  await init("wasm");
  const solver = defineTransformation(YOGI)(OPTIONS);
  let x = np.array(10);
  let state = solver.init(x.ref);
  return Array.from({ length: STEPS }, () => {
    [x, state] = solver.apply(x.ref, state, x);
    return x.ref.item();
  });
}
