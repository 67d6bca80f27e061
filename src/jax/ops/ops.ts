// jax/ops/: the arithmetic of jax-js, for rules, norms and schedules.
//
// `ScalarOps` over arrays of jax-js: the rule runs on whatever device jax-js uses, and inside `jit`.
import { type Device, numpy as np } from "@jax-js/jax";
import { isFloat32Array, ownView } from "../../check/built-ins.js";
import type { ScalarOps } from "../../rule/ops.js";
import { functionsOf } from "./functions.js";
import { NUMERICS, type Numerics, rounded } from "./numerics.js";
import type { Own } from "./scope.js";

/** Operations that leave their arguments alone; what they make belongs to a scope. */
export interface ArrayOps extends ScalarOps<np.Array> {
  /** Gives an array to the scope. */
  readonly own: Own;
  /** The same numbers as they are in memory: what a program around computes is fused into it. */
  stored(a: np.Array): np.Array;
  /** The sum of all elements, rounded once where the device has float64. */
  sum(a: np.Array): np.Array;
}

/**
 * The operations of a device.
 *
 * @param never a mask that is false, and known to be so only when the program runs. jax-js reorders products and sums
 *   with constants in them, which changes bits: behind this mask a constant is none.
 */
export function arrayOps(own: Own, device: Device, never: np.Array): ArrayOps {
  const numerics = NUMERICS[device];
  const keep = (array: np.Array): np.Array => own(rounded(numerics, array));
  // `a * -1` is exact for both zeros, and `a + b * -1` becomes one subtraction; jax-js' own negation is `0 - a`.
  const negative = (a: np.Array): np.Array => a.ref.mul(-1);
  return {
    own,
    stored: (a) => keep(a.ref),
    constant: (value) => own(np.where(never.ref, scalar(value === 1 ? 2 : 1), scalar(value))),
    add: (a, b) => keep(a.ref.add(b.ref)),
    sub: (a, b) => keep(a.ref.add(negative(b))),
    mul: (a, b) => keep(a.ref.mul(b.ref)),
    div: (a, b) => keep(quotient(numerics, a, b)),
    sqrt: (a) => keep(np.sqrt(a.ref)),
    abs: (a) => own(np.maximum(a.ref, negative(a))),
    min: (a, b) => own(np.minimum(a.ref, b.ref)),
    max: (a, b) => own(np.maximum(a.ref, b.ref)),
    clamp: (a, low, high) => {
      const atMost = np.where(np.less(high.ref, a.ref), high.ref, a.ref);
      return own(np.where(np.less(a.ref, low.ref), low.ref, atMost));
    },
    lessOrEqual: (a, b) => own(np.lessEqual(a.ref, b.ref)),
    select: (mask, yes, no) => own(np.where(mask.ref, yes.ref, no.ref)),
    floor: (a) => own(np.floor(a.ref)),
    ceil: (a) => own(np.ceil(a.ref)),
    sum: (a) => own(sumOf(numerics, a)),
    ...functionsOf(own, numerics),
  };
}

/** Numbers as a float32 array; jax-js makes none of no numbers. */
export function arrayFrom(values: ArrayLike<number>, shape: readonly number[]): np.Array {
  if (values.length === 0) return np.zeros([...shape]);
  // jax-js copies them, and its type excludes shared memory, of which it takes a copy just as well.
  const floats = isFloat32Array(values) ? ownView(values) : Float32Array.from(values);
  return np.array(floats as Float32Array<ArrayBuffer>, { shape: [...shape] }); // made here, and shared with nobody
}

/** One number of type float32, which it must be rounded to. */
export const scalar = (value: number): np.Array => np.array(Math.fround(value), { dtype: np.float32 });

/** One number of type int32, as counters are: under vmap, a plain number would turn them into floats. */
export const whole = (value: number): np.Array => np.array(value, { dtype: np.int32 });

/** The array in this shape, as a reference of its own: a constant stands for every element. */
export function broadcast(array: np.Array, shape: readonly number[]): np.Array {
  return array.ndim === shape.length ? array.ref : np.broadcastTo(array.ref, [...shape]);
}

/** jax-js multiplies by a reciprocal, which rounds twice. In float64 that is far below what a float32 can show. */
function quotient({ float64 }: Numerics, a: np.Array, b: np.Array): np.Array {
  if (!float64) return a.ref.div(b.ref);
  return a.ref.astype(np.float64).div(b.ref.astype(np.float64)).astype(np.float32);
}

function sumOf(numerics: Numerics, a: np.Array): np.Array {
  if (a.size === 0) return scalar(0);
  if (!numerics.float64) return np.sum(a.ref);
  return rounded(numerics, np.sum(a.ref.astype(np.float64)).astype(np.float32));
}
