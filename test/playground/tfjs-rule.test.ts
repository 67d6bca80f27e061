// The page's rule of tf.train.rmsprop is that of TensorFlow.js: the same bits, its NaN included.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { Variable } from "rmsprop";
import { expect, test } from "vitest";
import { createOptimizer } from "../../playground/src/landscape/optimizers.js";
import { settingsOf } from "../../playground/src/settings.js";

const GRADIENTS = [0, 1e-4, 1, -3, 11];

test.each([
  { centered: false, momentum: 0 },
  { centered: false, momentum: 0.9 },
  { centered: true, momentum: 0 },
  { centered: true, momentum: 0.9 },
])("with %o the rule of the page has the bits of tf.train.rmsprop", async (options) => {
  await tf.setBackend("cpu");
  const theirs = tf.variable(tf.ones([GRADIENTS.length]), true, "w");
  const peer = tf.train.rmsprop(0.01, 0.9, options.momentum, 1e-7, options.centered);
  const ours = new Variable(new Float32Array(GRADIENTS.length).fill(1));
  const optimizer = createOptimizer(settingsOf("tfjs", { learningRate: 0.01, ...options }));
  for (let i = 1; i <= 20; i++) {
    const gradients = Float32Array.from(GRADIENTS, (g) => g * Math.cos(i));
    peer.applyGradients({ w: tf.tensor1d(gradients) });
    optimizer.apply([gradients], [ours]);
  }
  expect([...ours.value]).toEqual([...theirs.dataSync()]);
  expect([...ours.value].some(Number.isNaN)).toBe(options.centered);
  tf.disposeVariables();
});
