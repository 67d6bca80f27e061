// The trained weights of a model that shows its averages, for who saves what training goes on from.
import type * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@tensorflow/tfjs-core";

interface Held {
  readonly variables: readonly tf.Variable[];
  readonly values: readonly tf.Tensor[];
}

const held = new WeakMap<object, Held>();

/** Says what the trained values of a model's variables are, until the result is called. */
export function holdTrained(
  model: object,
  variables: readonly tf.Variable[],
  values: readonly tf.Tensor[],
): () => void {
  held.set(model, { variables, values });
  return () => held.delete(model);
}

/** Runs `fn`, which awaits nothing, while the variables of a model hold their trained values. */
export function whileTrained<T>(model: object, fn: () => T): T {
  const { variables = [], values = [] } = held.get(model) ?? {};
  const shown = variables.map((variable) => variable.clone());
  const put = (all: readonly tf.Tensor[]): void => {
    for (const [i, variable] of variables.entries()) variable.assign(all[i] as tf.Tensor); // one for each
  };
  try {
    tidy(() => put(values));
    return fn();
  } finally {
    put(shown);
    for (const tensor of shown) tensor.dispose();
  }
}
