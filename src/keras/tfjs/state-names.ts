// The own variables of an optimizer of "rmsprop/tfjs" in Keras' order, under the names by which it saves and loads them,
// also those whose variables it has not trained yet.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { LossScaleOptimizer, type Optimizer } from "../../tfjs/index.js";

export interface StateName {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Keras' kinds of slot, in its order, and when an optimizer has them. */
const KINDS: readonly (readonly [kind: string, isThere: (config: tf.serialization.ConfigDict) => boolean])[] = [
  ["average", ({ use_ema }) => use_ema === true],
  ["gradient_accumulator", ({ gradient_accumulation_steps }) => Boolean(gradient_accumulation_steps)],
  ["velocity", () => true],
  ["momentum", ({ momentum }) => Number(momentum) > 0],
  ["average_gradient", ({ centered }) => centered === true],
];

/** The variables of the model's optimizer as Keras counts them. */
export function stateNames(model: tfl.LayersModel, optimizer: Optimizer | LossScaleOptimizer): StateName[] {
  if (!(optimizer instanceof LossScaleOptimizer)) return namesOf(model, optimizer);
  const own = optimizer.ownState.slice(0, 4).map(({ path }) => counter(path));
  return [...own, ...namesOf(model, optimizer.innerOptimizer)];
}

function namesOf(model: tfl.LayersModel, optimizer: Optimizer): StateName[] {
  const config = optimizer.getConfig();
  const hasSchedule = typeof config.learning_rate !== "number";
  const counters = [counter("iter"), ...(hasSchedule ? [] : [counter(`${optimizer.name}/learning_rate`)])];
  // A layer's weight is read as the variable itself.
  const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const kinds = KINDS.filter(([, isThere]) => isThere(config));
  const slots = kinds.flatMap(([kind]) =>
    trained.map(({ name, shape }) => ({ name: `${optimizer.name}/${name}/${kind}`, shape })),
  );
  return [...counters, ...slots];
}

function counter(name: string): StateName {
  return { name, shape: [] };
}
