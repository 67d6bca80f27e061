// The constraints of variables on a device: which can be computed there, and their numbers for the kernels.
import type { Limit } from "../codegen/wgsl-constraints.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import type { WebGpuEngine } from "../engine/webgpu/engine.js";
import type { ArrayLimit } from "../engine/webgpu/kernels.js";
import { type Axis, blocksOf } from "../optimizer/axis-norm.js";
import type { Constraint } from "../optimizer/constraint.js";
import { MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from "../optimizer/constraints.js";
import { badKind, badValue } from "../optimizer/errors.js";

/** A constraint that a device can compute. */
export type GpuConstraint = NonNeg | MaxNorm | UnitNorm | MinMaxNorm;

const NAMES = "NonNeg, MaxNorm, UnitNorm or MinMaxNorm";

/** `constraint` as one that a device can compute over this shape, or an error. A class that extends one of these is none. */
export function checkConstraint(
  owner: string,
  constraint: Constraint | null,
  shape: readonly number[],
): GpuConstraint | null {
  if (constraint === null) return null;
  const type: unknown = constraint?.constructor;
  if (![NonNeg, MaxNorm, UnitNorm, MinMaxNorm].some((own) => own === type)) {
    const requirement = `be ${NAMES} of constraints, or null: a device cannot run code of your own`;
    const remedy = "Leave it out, and change the buffer with a kernel of yours after apply().";
    throw badKind({ owner, argument: "constraint", requirement, received: constraint, remedy });
  }
  const own = constraint as GpuConstraint; // its class was found above
  own.checkShape(shape);
  for (const [argument, received] of Object.entries(numbersOf(own).limit)) {
    if (typeof received !== "number" || Number.isFinite(Math.fround(received))) continue;
    const remedy = "Pass a number below 3.4e38.";
    throw badValue({ owner, argument, requirement: "be finite in float32", received, remedy });
  }
  return own;
}

/** A variable as far as its constraint goes. */
interface Constrained {
  readonly array: GpuArray;
  readonly name: string;
  readonly shape: readonly number[];
  readonly constraint: GpuConstraint | null;
}

/** What the kernels need for a variable's constraint; null without one. Whoever asks frees the `cells`. */
export function limitFor(engine: WebGpuEngine, { array, name, shape, constraint }: Constrained): ArrayLimit | null {
  if (constraint === null) return null;
  const { limit, axis } = numbersOf(constraint);
  if (axis === undefined) return { array, limit, blocks: null, cells: null };
  const blocks = blocksOf(name, axis, shape);
  const cells = engine.zeros({ dtype: "float32", shape: [blocks.cellCount], array }, `${name}_norms`);
  return { array, limit, blocks, cells };
}

/** A constraint in numbers, and the axes of its norms if it has any. It was checked. */
function numbersOf(constraint: Constraint): { readonly limit: Limit; readonly axis?: Axis } {
  if (constraint instanceof MaxNorm) {
    return { limit: { kind: "MaxNorm", maxValue: constraint.maxValue }, axis: constraint.axis };
  }
  if (constraint instanceof UnitNorm) return { limit: { kind: "UnitNorm" }, axis: constraint.axis };
  if (!(constraint instanceof MinMaxNorm)) return { limit: { kind: "NonNeg" } };
  const { minValue, maxValue, rate, axis } = constraint;
  return { limit: { kind: "MinMaxNorm", minValue, maxValue, rate }, axis };
}
