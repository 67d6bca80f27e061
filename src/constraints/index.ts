/** What a variable's weights are made to obey after each step. @module constraints */

export type { Axis } from "./axis-norm.js";
export { Constraint, type ConstraintConfig, type ConstraintFunction } from "./constraint.js";
export {
  MaxNorm,
  type MaxNormOptions,
  MinMaxNorm,
  type MinMaxNormOptions,
  NonNeg,
  UnitNorm,
  type UnitNormOptions,
} from "./keras-constraints.js";
