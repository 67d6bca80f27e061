// Steps whose numbers all come from outside: the page only computes them.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";

export interface PageCase {
  /** Keras' config. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly variables: readonly { readonly name: string; readonly shape: number[]; readonly values: number[] }[];
  /** The gradients of each call, in the order of the variables; null for none. */
  readonly calls: readonly (readonly (number[] | null)[])[];
}

/** All variables after the last call, then all slots in Keras' order. */
export async function runSteps({ config, variables, calls }: PageCase): Promise<number[][]> {
  const targets = variables.map(({ name, shape, values }) =>
    tf.tidy(() => tf.variable(tf.tensor(values, shape, "float32"), true, name)),
  );
  const optimizer = RMSprop.fromConfig(config);
  for (const gradients of calls) {
    tf.tidy(() => {
      const tensors = gradients.map((values, i) => values && tf.tensor(values, variables[i]?.shape, "float32"));
      optimizer.apply(tensors, targets);
    });
  }
  const weights = await optimizer.getWeights();
  const slots = weights.filter(({ name }) => name !== "iter" && !name.endsWith("/learning_rate"));
  const arrays = await Promise.all([...targets, ...slots.map(({ tensor }) => tensor)].map((tensor) => tensor.data()));
  optimizer.dispose();
  tf.dispose(targets);
  return arrays.map((values) => [...values]);
}
