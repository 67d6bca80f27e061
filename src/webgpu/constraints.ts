// The constraints of variables on a device: which can be computed there, and their numbers for the kernels. The classes of
// constraints/ are known by their names, lest their own code be loaded, too.

import { Argument } from "../check/argument.js";
import { isClass } from "../check/foreign-objects.js";
import { classNameOf } from "../check/names.js";
import { blocksOf } from "../constraints/axis-norm.js";
import { Constraint } from "../constraints/constraint.js";
import { dataOf } from "../constraints/constraint-data.js";
import type { MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from "../constraints/index.js";
import type { Target } from "../core/run/target.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import type { WebGpuEngine } from "../engine/webgpu/engine.js";
import type { ArrayConstraint } from "../engine/webgpu/kernels.js";

/** A constraint that a device can compute. */
export type GpuConstraint = NonNeg | MaxNorm | UnitNorm | MinMaxNorm;

const KINDS: readonly string[] = ["NonNeg", "MaxNorm", "UnitNorm", "MinMaxNorm"];

/** `constraint` as one that a device can compute over this shape, or an error. A class that extends one of these is none. */
export function checkConstraint(
  argument: Argument,
  constraint: Constraint | null,
  shape: readonly number[],
): GpuConstraint | null {
  if (constraint === null) return null;
  // A class of the user's that goes by one of the names may throw, as code of theirs does.
  const isKeras = constraint instanceof Constraint && !constraint.mayThrow;
  if (!isKeras || !KINDS.includes(classNameOf(constraint.constructor))) {
    const advice = "Change the buffer with a kernel of yours after apply().";
    const remedy = isClass(constraint) ? "Make one with new." : advice;
    throw argument.badKind(`be ${KINDS.join(", ")} or null: a device cannot run code of your own`, constraint, remedy);
  }
  const own = constraint as GpuConstraint; // its class was found above
  own.checkShape(shape);
  for (const [field, received] of Object.entries(own)) {
    if (typeof received !== "number" || Number.isFinite(Math.fround(received))) continue;
    throw new Argument(argument.owner, field).badValue("be finite in float32", received, "Pass a number below 3.4e38.");
  }
  return own;
}

/** What the kernels need for a variable's constraint; null without one. Whoever asks frees the `cells`. @internal */
export function arrayConstraintOf(
  engine: WebGpuEngine,
  { array, name, shape }: Target<GpuArray>,
  constraint: GpuConstraint | null,
): ArrayConstraint | null {
  if (constraint === null) return null;
  const data = dataOf(constraint);
  if (data.axis === undefined) return { array, constraint: data, blocks: null, cells: null };
  const blocks = blocksOf(new Argument(name, "axis"), data.axis, shape);
  const cells = engine.zeros({ dtype: "float32", shape: [blocks.cellCount], array }, `${name}_norms`);
  return { array, constraint: data, blocks, cells };
}
