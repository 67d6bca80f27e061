// The same weights and gradients for every contender, of any size.

/** Between -1 and 1: far from epsilon, which the peers place differently, and from numbers that slow processors down. */
const SCALE = 2;
/** The gradients repeat after so many elements. */
const PERIOD = 1013;
/** The hyper-parameters of every contender. */
export const HYPER = { learningRate: 1e-3, rho: 0.9, epsilon: 1e-7 } as const;
/** Those of RMSprop's siblings; python/peer.py has the same. */
export const ADAM_HYPER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
export const SGD_HYPER = { learningRate: 1e-3 } as const;
/** What is measured beside its peers. */
export type OptimizerName = "RMSprop" | "Adam" | "SGD";
/** Weights that a contender shows. */
export const SHOWN = 8;

/** All ones. */
export function weights(length: number): Float32Array {
  return new Float32Array(length).fill(1);
}

/** Numbers of both signs, none of them near zero. */
export function gradients(length: number): Float32Array {
  const values = new Float32Array(length);
  const first = Math.min(PERIOD, length);
  for (let i = 0; i < first; i++) values[i] = (((i * 7919) % PERIOD) / PERIOD - 0.5) * SCALE;
  for (let done = first; done < length; done *= 2) values.copyWithin(done, 0, Math.min(done, length - done));
  return values;
}
