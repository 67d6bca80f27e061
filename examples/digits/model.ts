// What is trained and by what: the network and the two optimizers. The training itself is in train.ts.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { schedules } from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";
import { CLASSES, PIXELS } from "./data.js";
import type { Options, RmspropChoices } from "./options.js";

const HIDDEN = 128;
/** The network in words. */
export const NETWORK = `${PIXELS}-${HIDDEN}-${CLASSES}, dense, relu and softmax`;
/** Kernel and bias of both layers. */
export const WEIGHT_SHAPES = [[PIXELS, HIDDEN], [HIDDEN], [HIDDEN, CLASSES], [CLASSES]] as const;

/** The network, compiled. The same seed gives the same initial weights. */
export function createModel(seed: number, optimizer: tf.Optimizer): tfl.LayersModel {
  const kernel = (layerSeed: number) => tfl.initializers.glorotUniform({ seed: layerSeed });
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: HIDDEN,
        activation: "relu",
        inputShape: [PIXELS],
        kernelInitializer: kernel(2 * seed),
      }),
      tfl.layers.dense({ units: CLASSES, activation: "softmax", kernelInitializer: kernel(2 * seed + 1) }),
    ],
  });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** RMSprop of this package with every option of the command line. Throws what the library throws. */
export function createRmsprop({ rmsprop, schedule }: Options, steps: number): RMSprop {
  if (schedule === "constant") {
    return new RMSprop(rmsprop);
  }
  const learningRate = new schedules.CosineDecay({ initialLearningRate: rmsprop.learningRate, decaySteps: steps });
  return new RMSprop({ ...rmsprop, learningRate });
}

/** `tf.train.rmsprop` with those options that it has. */
export function createTfRmsprop({ learningRate, rho, momentum, epsilon, centered }: RmspropChoices): tf.Optimizer {
  return tf.train.rmsprop(learningRate, rho, momentum, epsilon, centered);
}
