// What the layers of models demand of their weights: each step does it, with Keras' bits, on every backend.
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Adam, type Optimizer, RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { digest, fill, streamOf } from "../oracle/bits.js";
import { onEveryBackend } from "./suite.js";

/** By optimizer and layer, a digest of the weights in the end: printed by layer_constraints.py, which runs real Keras. */
const FROM_KERAS: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL("layer-constraints.json", import.meta.url), "utf8"),
);
const SEED = 21;
const STEPS = 6;

const EMA: RMSpropOptions = { useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 };
const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  plain: () => new RMSprop({ learningRate: 0.1 }),
  "momentum, decay, averages": () => new RMSprop({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, ...EMA }),
  accumulation: () => new RMSprop({ learningRate: 0.1, gradientAccumulationSteps: 2 }),
  Adam: () => new Adam({ learningRate: 0.1, clipnorm: 0.5 }),
};

const { maxNorm, minMaxNorm, nonNeg, unitNorm } = tfl.constraints;
/** Their type has one axis, their documentation several. */
const axes = (...several: number[]): { axis: number } => ({ axis: several }) as unknown as { axis: number };
const IMAGE = [5, 5, 2];
// The default initializer of recurrent weights needs all of TensorFlow.js.
const recurrentInitializer = "zeros";

const LAYERS: Readonly<Record<string, readonly [inputShape: number[], create: () => tfl.layers.Layer]>> = {
  dense: [
    [4],
    () =>
      tfl.layers.dense({ units: 3, kernelConstraint: maxNorm({ maxValue: 0.5, axis: 0 }), biasConstraint: "nonNeg" }),
  ],
  embedding: [
    [2],
    () => tfl.layers.embedding({ inputDim: 5, outputDim: 3, embeddingsConstraint: unitNorm({ axis: 1 }) }),
  ],
  lstm: [
    [4, 2],
    () =>
      tfl.layers.lstm({
        ...{ units: 3, recurrentInitializer, recurrentConstraint: unitNorm({ axis: 0 }) },
        kernelConstraint: minMaxNorm({ minValue: 0.2, maxValue: 0.8, rate: 0.5, axis: 0 }),
        biasConstraint: maxNorm({ maxValue: 0.3, axis: 0 }),
      }),
  ],
  conv2d: [
    IMAGE,
    () =>
      tfl.layers.conv2d({
        ...{ filters: 4, kernelSize: 3, biasConstraint: nonNeg() },
        kernelConstraint: maxNorm({ maxValue: 1.5, ...axes(0, 1, 2) }),
      }),
  ],
  "depthwise conv2d": [
    IMAGE,
    () => tfl.layers.depthwiseConv2d({ kernelSize: 3, depthwiseConstraint: maxNorm({ maxValue: 2, ...axes(0, 1) }) }),
  ],
  "separable conv2d": [
    IMAGE,
    () =>
      tfl.layers.separableConv2d({
        ...{ filters: 4, kernelSize: 3, depthwiseConstraint: unitNorm(axes(0, 1)) },
        pointwiseConstraint: minMaxNorm({ minValue: 0.1, maxValue: 0.4, axis: -1 }),
      }),
  ],
  "batch normalization": [
    [4],
    () =>
      tfl.layers.batchNormalization({
        gammaConstraint: nonNeg(),
        betaConstraint: maxNorm({ maxValue: 0.5, axis: 0 }),
      }),
  ],
  prelu: [[4], () => tfl.layers.prelu({ alphaConstraint: nonNeg() })],
  "time-distributed dense": [
    [3, 2],
    () => tfl.layers.timeDistributed({ layer: tfl.layers.dense({ units: 3, kernelConstraint: "nonNeg" }) }),
  ],
  "bidirectional rnn": [
    [4, 2],
    () => {
      const own = {
        units: 3,
        recurrentInitializer,
        kernelConstraint: "unitNorm",
        recurrentConstraint: "nonNeg",
      } as const;
      return tfl.layers.bidirectional({
        layer: tfl.layers.simpleRNN({ ...own, kernelConstraint: unitNorm({ axis: 0 }) }) as tfl.RNN,
      });
    },
  ],
  "nested dense": [
    [4],
    () => {
      const kernelConstraint = minMaxNorm({ minValue: 0.3, maxValue: 0.6, axis: 1 });
      return tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [4], kernelConstraint })] });
    },
  ],
};

function modelOf([inputShape, create]: readonly [number[], () => tfl.layers.Layer]): tfl.LayersModel {
  const input = tfl.input({ shape: inputShape });
  return tfl.model({ inputs: input, outputs: create().apply(input) as tfl.SymbolicTensor });
}

/** Weights that are trained, as variables. */
const variablesOf = (model: tfl.LayersModel): tf.Variable[] =>
  // A layer's weight is read as the variable itself.
  model.trainableWeights.map((weight) => weight.read() as tf.Variable);

const numbersOf = (variable: tf.Variable, step: number, index: number): tf.Tensor =>
  tf.tensor(fill(variable.size, "float32", "normal", streamOf(SEED, step, index)) as Float32Array, variable.shape);

onEveryBackend((backend) => {
  test.each(Object.entries(OPTIMIZERS))("with %s, layers of every kind have Keras' bits", async (name, create) => {
    const optimizer = create();
    const models = Object.entries(LAYERS).map(([kind, layer]) => [kind, modelOf(layer)] as const);
    const variables = models.flatMap(([, model]) => variablesOf(model));
    tf.tidy(() => {
      for (const [i, variable] of variables.entries()) variable.assign(numbersOf(variable, 0, i));
      for (const [, model] of models) optimizer.constrain(model);
      for (let step = 1; step <= STEPS; step++) {
        const gradients = variables.map((variable, i) => numbersOf(variable, step, i));
        optimizer.apply(gradients, variables);
      }
    });
    const found = models.map(([kind, model]) => [
      kind,
      digest(variablesOf(model).map((each) => each.dataSync<"float32">())),
    ]);
    expect(Object.fromEntries(found)).toEqual(FROM_KERAS[name]);
    expect(optimizer.engine).toBe({ cpu: "tfjs-cpu-staged", wasm: "tfjs-wasm-fused" }[backend]);
    expect(optimizer.stepCounts).toMatchObject({ fused: STEPS, composed: 0 });
    for (const [, model] of models) model.dispose();
    optimizer.dispose();
  });
});
