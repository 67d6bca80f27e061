// The functions that the formulas of schedules and of scalars need, as part of a compiled program.
import { numpy as np } from "@jax-js/jax";
import type { ScalarOps } from "../../rule/ops.js";
import { float64Functions } from "./float64.js";
import { type Numerics, rounded } from "./numerics.js";
import type { Own } from "./scope.js";

type Functions = Pick<ScalarOps<np.Array>, "power" | "cos" | "log">;

/** Correctly rounded where the device has float64: computed in it and rounded once. Elsewhere of the device's precision. */
export function functionsOf(own: Own, numerics: Numerics): Functions {
  if (numerics.float64) return exactFunctions(own, numerics);
  return {
    power: (base, exponent) => own(np.power(base.ref, exponent.ref)),
    cos: (a) => own(np.cos(a.ref)),
    log: (a) => own(np.log(a.ref)),
  };
}

function exactFunctions(own: Own, numerics: Numerics): Functions {
  const { exp, log, cos } = float64Functions(own);
  const wide = (a: np.Array): np.Array => own(a.ref.astype(np.float64));
  const narrow = (a: np.Array): np.Array => own(rounded(numerics, a.ref.astype(np.float32)));
  return {
    power: (base, exponent) => {
      const size = own(np.maximum(base.ref, base.ref.mul(-1)));
      const product = own(log(wide(size)).ref.mul(wide(exponent).ref));
      return withSign(own, base, exponent, narrow(exp(product)));
    },
    cos: (a) => narrow(cos(wide(a))),
    log: (a) => narrow(log(wide(a))),
  };
}

/** `size` is |base| ** exponent; a negative base has powers of whole numbers only. */
function withSign(own: Own, base: np.Array, exponent: np.Array, size: np.Array): np.Array {
  const half = own(np.floor(exponent.ref.mul(0.5)));
  const isOdd = np.notEqual(half.ref.mul(2), exponent.ref);
  const isWhole = np.equal(np.floor(exponent.ref), exponent.ref);
  const signed = own(np.where(isOdd, size.ref.mul(-1), size.ref));
  const ofNegative = own(np.where(isWhole, signed.ref, Number.NaN));
  const power = own(np.where(np.less(base.ref, 0), ofNegative.ref, size.ref));
  // To the power of 0, everything is 1, and so is 1 to any power; log(0) * 0 and log(1) * NaN would be NaN.
  const orOne = own(np.where(np.equal(exponent.ref, 0), 1, power.ref));
  return own(np.where(np.equal(base.ref, 1), 1, orOne.ref));
}
