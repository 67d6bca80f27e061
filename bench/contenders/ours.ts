// This package: its optimizers on Variables, and on arrays of the user's.
import { Adam, type AnyOptimizer, RMSprop, type RMSpropOptions, SGD, Variable } from "rmsprop";
import { type Contender, timed } from "../contender.js";
import { ADAM_HYPER, gradients, HYPER, type OptimizerName, SGD_HYPER, SHOWN, weights } from "./data.js";

const CREATE: Readonly<Record<OptimizerName, () => AnyOptimizer>> = {
  RMSprop: () => new RMSprop(HYPER),
  Adam: () => new Adam(ADAM_HYPER),
  SGD: () => new SGD(SGD_HYPER),
};

/** An optimizer over `count` variables of `length` elements each; the gradients are Variables, too. */
export function variables(
  name: string,
  count: number,
  length: number,
  optimizerName: OptimizerName = "RMSprop",
): Contender {
  const trained = Array.from({ length: count }, () => new Variable(weights(length)));
  const given = trained.map(() => new Variable(gradients(length)));
  const optimizer = CREATE[optimizerName]();
  optimizer.build(trained);
  return timed(
    name,
    () => optimizer.apply(given),
    () => trained[0]?.value.slice(0, SHOWN) ?? [],
  );
}

/** RMSprop over a Float32Array, with its gradient in another one. */
export function staged(length: number): Contender {
  const trained = weights(length);
  return timed("rmsprop, Float32Arrays", stepOf([trained], [gradients(length)]), () => trained.slice(0, SHOWN));
}

/** One step of RMSprop with these options. */
export function stepOf<V extends Variable | Float32Array>(
  trained: readonly V[],
  given: readonly V[],
  options: RMSpropOptions = {},
): () => void {
  const optimizer = new RMSprop({ ...HYPER, ...options });
  optimizer.build(trained);
  return () => optimizer.apply(given);
}
