// The agent: a network that values each push, a slower copy of it that says what to aim for, and RMSprop between them
// (V. Mnih and others, "Human-level control through deep reinforcement learning", Nature 518, 2015).
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { RMSprop } from "rmsprop/tfjs";
import { ACTIONS, STATE_SIZE, type State } from "./cart-pole.js";
import type { Batch } from "./replay.js";

const HIDDEN = 64;
/** The network in words. */
export const NETWORK = `${STATE_SIZE}-${HIDDEN}-${HIDDEN}-${ACTIONS}, dense, relu`;
/** About the largest size of each number in a state, so that the network sees numbers near one. */
const SCALE = [2.4, 3, 0.21, 3.5] as const;

/** Values of pushes, learned from transitions. Dispose of it; the optimizer stays its owner's. */
export class Agent {
  readonly #optimizer: RMSprop;
  readonly #discount: number;
  readonly #network: tfl.LayersModel;
  readonly #target: tfl.LayersModel;
  readonly #variables: tf.Variable[];

  /** The same seed gives the same initial weights. `discount` is what a reward is worth if it comes a step later. */
  constructor(optimizer: RMSprop, seed: number, discount: number) {
    this.#optimizer = optimizer;
    this.#discount = discount;
    this.#network = createNetwork(seed);
    this.#target = createNetwork(seed);
    // A layer's weight is read as the variable itself.
    this.#variables = this.#network.trainableWeights.map((weight) => weight.read() as tf.Variable);
  }

  /** The push that the network values most. */
  bestAction(state: State): number {
    const [left = 0, right = 0] = tf.tidy(() => valuesOf(this.#network, state, 1).dataSync());
    return right > left ? 1 : 0;
  }

  /** One step of RMSprop towards what the target network expects. Returns the loss. */
  learn(batch: Batch): number {
    const rows = batch.actions.length;
    return tf.tidy(() => {
      const goal = this.#goalOf(batch, rows);
      const chosen = tf.oneHot(tf.tensor1d(batch.actions, "int32"), ACTIONS);
      const states = scaled(batch.states, rows);
      const loss = (): tf.Scalar => {
        const values = this.#network.apply(states) as tf.Tensor2D; // tensors in, tensors out
        return tf.losses.huberLoss(goal, tf.sum(tf.mul(values, chosen), 1));
      };
      return this.#optimizer.minimize(loss, true, this.#variables)?.dataSync()[0] ?? Number.NaN;
    });
  }

  /** Makes the target network a copy of the network. */
  refreshTarget(): void {
    this.#target.setWeights(this.#network.getWeights());
  }

  /** Replaces the weights by their moving averages, if the optimizer keeps them. */
  finalize(): void {
    this.#optimizer.finalizeVariableValues(this.#variables);
  }

  dispose(): void {
    this.#network.dispose();
    this.#target.dispose();
  }

  /** The reward of the step, 1, and what the target network expects of all later ones. */
  #goalOf({ nextStates, alive }: Batch, rows: number): tf.Tensor1D {
    // The network chooses and its copy judges: one alone would take its own errors for luck (double Q-learning).
    const next = scaled(nextStates, rows);
    const best = tf.argMax(this.#network.apply(next) as tf.Tensor, 1);
    const judged = tf.mul(this.#target.apply(next) as tf.Tensor, tf.oneHot(best as tf.Tensor1D, ACTIONS));
    return tf.add(tf.mul(tf.mul(tf.sum(judged, 1), tf.tensor1d(alive)), this.#discount), 1);
  }
}

function createNetwork(seed: number): tfl.LayersModel {
  const kernelInitializer = (layer: number) => tfl.initializers.heUniform({ seed: 3 * seed + layer + 1 });
  const dense = (units: number, layer: number, further: object) =>
    tfl.layers.dense({ units, kernelInitializer: kernelInitializer(layer), ...further });
  return tfl.sequential({
    layers: [
      dense(HIDDEN, 0, { activation: "relu", inputShape: [STATE_SIZE] }),
      dense(HIDDEN, 1, { activation: "relu" }),
      dense(ACTIONS, 2, {}),
    ],
  });
}

function valuesOf(network: tfl.LayersModel, states: ArrayLike<number>, rows: number): tf.Tensor {
  return network.apply(scaled(states, rows)) as tf.Tensor; // tensors in, tensors out
}

function scaled(states: ArrayLike<number>, rows: number): tf.Tensor2D {
  const numbers = Float32Array.from(states, (value, i) => value / (SCALE[i % STATE_SIZE] ?? 1));
  return tf.tensor2d(numbers, [rows, STATE_SIZE]);
}
