// How long an optimizer's own work takes, apart from forward and backward pass.
import * as tf from "@tensorflow/tfjs-core";

const ROUNDS = 25;
const UPDATES_PER_ROUND = 20;

/**
 * Milliseconds of one `applyGradients` over variables of these shapes, for each optimizer: the mean of a round, and of the rounds the
 * median. The optimizers take turns, so that all meet the same machine; afterwards they are disposed.
 */
export function updateTimesMs(optimizers: readonly tf.Optimizer[], shapes: Shapes): number[] {
  const trials = optimizers.map((optimizer) => ({ ...createTrial(optimizer, shapes), rounds: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { update, rounds } of trials) {
      const start = performance.now();
      for (let count = 0; count < UPDATES_PER_ROUND; count++) {
        update();
      }
      rounds.push((performance.now() - start) / UPDATES_PER_ROUND);
    }
  }
  for (const { dispose } of trials) {
    dispose();
  }
  return trials.map(({ rounds }) => medianOf(rounds));
}

/** The middle of `values`; NaN of none. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

type Shapes = readonly (readonly number[])[];

interface Trial {
  readonly update: () => void;
  readonly dispose: () => void;
}

function createTrial(optimizer: tf.Optimizer, shapes: Shapes): Trial {
  const variables = shapes.map((shape) => tf.tidy(() => tf.variable(tf.randomNormal([...shape]))));
  const gradients = variables.map(({ name, shape }) => ({ name, tensor: tf.randomNormal([...shape]) }));
  return {
    update: () => optimizer.applyGradients(gradients),
    dispose: () => {
      tf.dispose([...variables, ...gradients.map(({ tensor }) => tensor)]);
      optimizer.dispose();
    },
  };
}
