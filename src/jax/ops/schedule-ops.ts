// `ScheduleOps` over arrays of jax-js: the formulas of the schedules as part of a compiled program.
import { numpy as np } from "@jax-js/jax";
import type { Ops } from "../../rule/ops.js";
import type { ScheduleOps } from "../../schedules/schedule-ops.js";
import { float64Functions } from "./float64.js";
import { type Numerics, rounded } from "./numerics.js";
import type { Scope } from "./scope.js";

/** The operations of a schedule, for counters of type int32. As `arrayOps`, of which they are made. */
export function scheduleOps(scope: Scope, numerics: Numerics, op: Ops<np.Array>): ScheduleOps<np.Array> {
  const { constant, add, sub, mul, div, min, lessOrEqual, select } = op;
  return {
    ...{ constant, add, sub, mul, div, min, lessOrEqual, select },
    rounded: (step) => scope.own(step.ref.astype(np.float32)),
    floor: (a) => scope.own(np.floor(a.ref)),
    ceil: (a) => scope.own(np.ceil(a.ref)),
    isAtMost: (step, limit) => scope.own(np.lessEqual(step.ref, np.array(wholeStep(limit), { dtype: np.int32 }))),
    ...(numerics.float64 ? exactFunctions(scope, numerics) : ownFunctions(scope)),
  };
}

type Functions = Pick<ScheduleOps<np.Array>, "power" | "cos" | "log">;

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

/** Counters are whole: at most 2.5 is at most 2. */
function wholeStep(limit: number): number {
  return Math.min(Math.floor(limit), 2 ** 31 - 1);
}
