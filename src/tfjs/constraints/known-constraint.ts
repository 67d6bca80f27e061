// Which of Keras' constraints one of TensorFlow.js' is: these are known by their names and options, whatever copy of
// tfjs-layers they are of.
import { isSame } from "../../check/lists.js";
import { classNameOf } from "../../check/names.js";
import type { KerasConstraint } from "../../constraints/constraint-data.js";
import { MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from "../../constraints/keras-constraints.js";
import type { LayerConstraint } from "../engine/constrained.js";

/** Each class by its name, and the options that it has in both libraries. */
const KNOWN: Readonly<Record<string, Known | undefined>> = {
  NonNeg: { options: [], create: () => new NonNeg() },
  MaxNorm: { options: ["axis", "maxValue"], create: (options) => new MaxNorm(options) },
  UnitNorm: { options: ["axis"], create: (options) => new UnitNorm(options) },
  MinMaxNorm: { options: ["axis", "maxValue", "minValue", "rate"], create: (options) => new MinMaxNorm(options) },
};

interface Known {
  readonly options: readonly string[];
  create(options: object): KerasConstraint;
}

/**
 * Keras' constraint of the same meaning, or an error for options that Keras' numbers are not made for; null for any other one:
 * a class of the user's, also one that extends one of these.
 */
export function kerasConstraintOf(constraint: LayerConstraint & { getConfig?(): object }): KerasConstraint | null {
  if (Object.hasOwn(constraint, "apply")) return null;
  const known = KNOWN[classNameOf(constraint.constructor)];
  const options = known && constraint.getConfig?.();
  if (options === undefined || !isSame(Object.keys(options).sort(), known?.options ?? [])) return null;
  return known?.create(options) ?? null;
}
