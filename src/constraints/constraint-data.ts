// A constraint of Keras as the numbers that kernels take.
import { classNameOf } from "../check/names.js";
import type { ConstraintData } from "../rule/constraint-formula.js";
import type { Axis } from "./axis-norm.js";
import type { MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from "./keras-constraints.js";

/** One of Keras' four. */
export type KerasConstraint = NonNeg | MaxNorm | UnitNorm | MinMaxNorm;

/** Its numbers, and the axis of its norms, if it takes any. The classes are known by their names, lest their code be loaded. */
export function dataOf(constraint: KerasConstraint): ConstraintData & { readonly axis?: Axis } {
  // It has the fields of its class.
  return { ...constraint, kind: classNameOf(constraint.constructor) } as ConstraintData & { readonly axis?: Axis };
}
