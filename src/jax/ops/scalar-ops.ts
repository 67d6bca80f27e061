// `ScalarOps` over arrays of jax-js: the formulas of schedules as part of a compiled program.
import { numpy as np } from "@jax-js/jax";
import type { Ops, ScalarOps } from "../../rule/ops.js";
import { float64Functions } from "./float64.js";
import { type Numerics, rounded } from "./numerics.js";
import type { Scope } from "./scope.js";

/** `arrayOps` and the functions that scalars need besides. */
export function scalarOps(scope: Scope, numerics: Numerics, op: Ops<np.Array>): ScalarOps<np.Array> {
  return {
    ...op,
    floor: (a) => scope.own(np.floor(a.ref)),
    ceil: (a) => scope.own(np.ceil(a.ref)),
    ...(numerics.float64 ? exactFunctions(scope, numerics) : ownFunctions(scope)),
  };
}

/** Whether a counter of type int32 is at most `limit`: a mask for `select`. */
export function isStepAtMost(scope: Scope, step: np.Array, limit: number): np.Array {
  const whole = Math.min(Math.floor(limit), 2 ** 31 - 1); // at most 2.5 is at most 2
  return scope.own(np.lessEqual(step.ref, np.array(whole, { dtype: np.int32 })));
}

type Functions = Pick<ScalarOps<np.Array>, "power" | "cos" | "log">;

/** Correctly rounded: computed in float64 and rounded once. */
function exactFunctions(scope: Scope, numerics: Numerics): Functions {
  const { exp, log, cos } = float64Functions(scope);
  const wide = (a: np.Array): np.Array => scope.own(a.ref.astype(np.float64));
  const narrow = (a: np.Array): np.Array => scope.own(rounded(numerics, a.ref.astype(np.float32)));
  return {
    power: (base, exponent) => {
      const size = scope.own(np.maximum(base.ref, base.ref.mul(-1)));
      const product = scope.own(log(wide(size)).ref.mul(wide(exponent).ref));
      return withSign(scope, base, exponent, narrow(exp(product)));
    },
    cos: (a) => narrow(cos(wide(a))),
    log: (a) => narrow(log(wide(a))),
  };
}

/** Of the device's own precision. */
function ownFunctions(scope: Scope): Functions {
  return {
    power: (base, exponent) => scope.own(np.power(base.ref, exponent.ref)),
    cos: (a) => scope.own(np.cos(a.ref)),
    log: (a) => scope.own(np.log(a.ref)),
  };
}

/** `size` is |base| ** exponent; a negative base has powers of whole numbers only. */
function withSign(scope: Scope, base: np.Array, exponent: np.Array, size: np.Array): np.Array {
  const half = scope.own(np.floor(exponent.ref.mul(0.5)));
  const isOdd = np.notEqual(half.ref.mul(2), exponent.ref);
  const isWhole = np.equal(np.floor(exponent.ref), exponent.ref);
  const signed = scope.own(np.where(isOdd, size.ref.mul(-1), size.ref));
  const ofNegative = scope.own(np.where(isWhole, signed.ref, Number.NaN));
  const power = scope.own(np.where(np.less(base.ref, 0), ofNegative.ref, size.ref));
  // To the power of 0, everything is 1, and so is 1 to any power; log(0) * 0 and log(1) * NaN would be NaN.
  const orOne = scope.own(np.where(np.equal(exponent.ref, 0), 1, power.ref));
  return scope.own(np.where(np.equal(base.ref, 1), 1, orOne.ref));
}
