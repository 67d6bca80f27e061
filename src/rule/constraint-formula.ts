// Keras' constraints over `Ops`: what the norm of weights gives, and what becomes of each weight.
import type { Ops } from "./ops.js";

/** A constraint of norms in numbers. */
export type NormConstraintData =
  | { readonly kind: "MaxNorm"; readonly maxValue: number }
  | { readonly kind: "UnitNorm" }
  | { readonly kind: "MinMaxNorm"; readonly minValue: number; readonly maxValue: number; readonly rate: number };

/** A constraint of Keras in numbers. */
export type ConstraintData = { readonly kind: "NonNeg" } | NormConstraintData;

/** An array as blocks of adjacent elements that all share a norm, or of which each has its own. */
export interface NormBlocks {
  /** The axes before a block. */
  readonly outerShape: readonly number[];
  /** Of each axis, whether the norm is taken over it. */
  readonly reduced: readonly boolean[];
  readonly length: number;
  readonly isReduced: boolean;
  readonly cellCount: number;
}

// Keras adds it to a norm before it divides.
const EPSILON = 1e-7;

/** For NonNeg: negative weights, and -0, become 0; NaN stays. */
export function notNegative<V>(op: Ops<V>, weight: V): V {
  const zero = op.constant(0);
  return op.select(op.lessOrEqual(weight, zero), zero, weight);
}

/** What a norm gives: the factor of its weights, or for UnitNorm their divisor. */
export function cellOf<V>(op: Ops<V>, constraint: NormConstraintData, norm: V): V {
  const divisor = op.add(op.constant(EPSILON), norm);
  if (constraint.kind === "UnitNorm") return divisor;
  if (constraint.kind === "MaxNorm") return op.div(within(op, norm, 0, constraint.maxValue), divisor);
  const { minValue, maxValue, rate } = constraint;
  const allowed = op.mul(op.constant(rate), within(op, norm, minValue, maxValue));
  return op.div(op.add(allowed, op.mul(op.constant(1 - rate), norm)), divisor);
}

/** A weight, by what its norm gave. */
export function weightByCell<V>(op: Ops<V>, kind: NormConstraintData["kind"], weight: V, cell: V): V {
  return kind === "UnitNorm" ? op.div(weight, cell) : op.mul(weight, cell);
}

function within<V>(op: Ops<V>, norm: V, least: number, greatest: number): V {
  return op.clamp(norm, op.constant(least), op.constant(greatest));
}
