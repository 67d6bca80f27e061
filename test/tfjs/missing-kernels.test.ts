// Which backend trains what, as the table of docs/tensorflow.md has it for TensorFlow.js 4.22, and what a user reads where a
// kernel is missing. A case that fails with a later version is a row of that table to change.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { RMSprop } from "rmsprop/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BACKENDS, memory, startBackend } from "./backends.js";

const IMAGE = [4, 4, 2];
const SEQUENCE = [4, 2];
const { layers } = tfl;
const kernelSize = 3;
const recurrent = { units: 2, recurrentInitializer: "glorotUniform" } as const;
const dense = (inputShape: number[]): tfl.layers.Layer => layers.dense({ units: 2, inputShape });

type Model = readonly (tfl.layers.Layer | tfl.RNN)[];

/** The kernel that the wasm backend lacks; null where it trains. */
const CASES: readonly (readonly [string, string | null, () => Model])[] = [
  ["dense", null, () => [dense([3])]],
  ["simpleRNN", null, () => [layers.simpleRNN({ ...recurrent, inputShape: SEQUENCE })]],
  ["gru", null, () => [layers.gru({ ...recurrent, inputShape: SEQUENCE })]],
  ["lstm", null, () => [layers.lstm({ ...recurrent, inputShape: SEQUENCE })]],
  ["batchNormalization", null, () => [dense([3]), layers.batchNormalization()]],
  ["layerNormalization", null, () => [dense([3]), layers.layerNormalization()]],
  ["averagePooling2d", null, () => [dense(IMAGE), layers.averagePooling2d({ poolSize: 2 })]],
  ["maxPooling2d", null, () => [dense(IMAGE), layers.maxPooling2d({ poolSize: 2 })]],
  ["conv3d", null, () => [layers.conv3d({ filters: 2, kernelSize: 2, inputShape: [3, 3, 3, 1] })]],
  ["conv1d", "Conv2DBackpropFilter", () => [layers.conv1d({ filters: 2, kernelSize, inputShape: SEQUENCE })]],
  ["conv2d", "Conv2DBackpropFilter", () => [layers.conv2d({ filters: 2, kernelSize, inputShape: IMAGE })]],
  [
    "conv2dTranspose",
    "Conv2DBackpropFilter",
    () => [layers.conv2dTranspose({ filters: 2, kernelSize, inputShape: IMAGE })],
  ],
  [
    "separableConv2d",
    "Conv2DBackpropFilter",
    () => [layers.separableConv2d({ filters: 2, kernelSize, inputShape: IMAGE })],
  ],
  [
    "depthwiseConv2d",
    "DepthwiseConv2dNativeBackpropFilter",
    () => [layers.depthwiseConv2d({ kernelSize, inputShape: IMAGE })],
  ],
  [
    "convLstm2d",
    "Conv2DBackpropFilter",
    () => [
      layers.convLstm2d({
        ...{ filters: 2, kernelSize, inputShape: [2, ...IMAGE], recurrentInitializer: "glorotUniform" },
      }),
    ],
  ],
  [
    "embedding",
    "UnsortedSegmentSum",
    () => [layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 3, inputShape: [3] })],
  ],
];

// A fit that fails leaves tensors of TensorFlow.js behind.
describe.each(BACKENDS)("on backend %s", (backend) => {
  beforeEach(() => startBackend(backend));
  afterEach(() => tf.disposeVariables());

  test.each(CASES)("%s: trains, or says which kernel is missing (on wasm: %s)", async (_, kernel, create) => {
    const model = tfl.sequential({ layers: [...create()] as tfl.layers.Layer[] }); // which it takes
    const optimizer = new RMSprop({ momentum: 0.9 });
    model.compile({ optimizer, loss: "meanSquaredError" });
    const onesLike = ({ shape }: tfl.SymbolicTensor): tf.Tensor => tf.ones([2, ...shape.slice(1)] as number[]); // all known
    const [x, y] = [model.inputs, model.outputs].map(([each]) => onesLike(each as tfl.SymbolicTensor)); // it has one
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    const training = model.fit(x as tf.Tensor, y as tf.Tensor, { verbose: 0 });
    if (backend === "cpu" || kernel === null) {
      await training;
      expect(optimizer.iterations).toBe(1);
    } else {
      await expect(training).rejects.toThrow(
        `Kernel '${kernel}' not registered for backend 'wasm'. That backend of TensorFlow.js cannot compute the loss or its ` +
          "gradients: wasm has no gradients of convolutions and embeddings. " +
          'Train on another one: await tf.setBackend("cpu"), or "webgpu" or "webgl" in a page.',
      );
      expect([optimizer.iterations, optimizer.trainedVariables]).toEqual([0, []]);
      expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
    }
    model.dispose();
    optimizer.dispose();
    tf.dispose([x, y].filter((each) => each !== undefined));
  });

  test("minimize and computeGradients say it, too, and leave no tensor behind", () => {
    const optimizer = new RMSprop();
    const [image, filter] = [tf.ones<tf.Rank.R4>([1, 4, 4, 1]), tf.variable(tf.ones<tf.Rank.R4>([2, 2, 1, 1]))];
    const loss = (): tf.Scalar => tf.sum(tf.conv2d(image, filter as tf.Tensor4D, 1, "valid"));
    const before = memory();
    for (const take of [
      () => optimizer.minimize(loss, [filter]),
      () => tf.dispose(optimizer.computeGradients(loss).grads),
    ]) {
      if (backend === "wasm") expect(take).toThrow(/'Conv2DBackpropFilter' not registered for backend 'wasm'\. That/);
      if (backend === "wasm") expect(memory()).toEqual(before);
    }
    optimizer.dispose();
    tf.dispose([image, filter]);
  });

  test("max pooling over numbers that are all below zero has a wrong gradient on wasm, which says nothing", () => {
    const below = tf.tensor4d([-2, -1, -4, -3], [1, 4, 1, 1]);
    const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.maxPool(x as tf.Tensor4D, [2, 1], [2, 1], "valid"));
    const gradient = tf.tidy(() => tf.grad(loss)(below).dataSync());
    expect([...gradient]).toEqual(backend === "cpu" ? [0, 1, 0, 1] : [1, 0, 0, 0]);
    below.dispose();
  });

  test("nearest upsampling of more than one image has a wrong gradient on cpu, which says nothing", () => {
    const images = tf.ones<tf.Rank.R4>([2, 2, 2, 1]);
    const weights = tf.reshape(tf.range(0, 32), [2, 4, 4, 1]);
    const loss = (x: tf.Tensor) => tf.sum(tf.mul(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [4, 4]), weights));
    const gradient = tf.tidy(() => tf.grad(loss)(images).dataSync());
    const right = [10, 18, 42, 50, 74, 82, 106, 114];
    if (backend === "wasm") expect([...gradient]).toEqual(right);
    else expect([...gradient]).not.toEqual(right);
    tf.dispose([images, weights]);
  });
});
