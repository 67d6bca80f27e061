// This package: RMSprop on its Variables, and on arrays of the user's.
import { RMSprop, type RMSpropOptions, Variable } from "rmsprop";
import { type Contender, timed } from "../contender.js";
import { gradients, HYPER, SHOWN, weights } from "./data.js";

/** RMSprop over `count` variables of `length` elements each; the gradients are Variables, too. */
export function variables(name: string, count: number, length: number): Contender {
  const trained = Array.from({ length: count }, () => new Variable(weights(length)));
  const given = trained.map(() => new Variable(gradients(length)));
  return timed(name, stepOf(trained, given), () => trained[0]?.value.slice(0, SHOWN) ?? []);
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
