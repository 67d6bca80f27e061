// The variables that a user hands over, as an optimizer keeps them: each once, alive, in memory of its own. What their
// gradients may be is in gradients.ts.

import { type Argument, Verbatim } from "../../check/argument.js";
import { floatTypeOf, isDetached, isFloats, lengthOf, ownView } from "../../check/built-ins.js";
import { StateError } from "../../check/errors.js";
import { sizeOf } from "../../check/lists.js";
import { variableName } from "../../check/names.js";
import { detached } from "../../core/nested-numbers.js";
import { sharedMemory, type Target } from "../../core/run/target.js";
import type { DecayExclusion } from "../../core/weight-decay.js";
import type { FloatArray, HostArray, HostEngine } from "../../engine/engine.js";
import type { Variable } from "../variable.js";
import { isVariable, storageOf, variableRemedy } from "../variable-memory.js";

/** A variable to train: a Variable, or an array that is updated in place. */
export type VariableLike = Variable | Float32Array | Float64Array;

/** Which variables weight decay leaves out. */
export interface Exclusion<Variable extends object = VariableLike> extends DecayExclusion<Variable> {}

/** The variables as an optimizer keeps them. Refuses what cannot be trained, and the same memory twice. */
export function targetsOf(
  argument: Argument,
  variables: readonly VariableLike[],
  engine: HostEngine,
): Target<HostArray>[] {
  const items = argument.items(variables, "Pass [variable], even for one.");
  const targets = items.map((variable, i) => targetOf(argument.at(i), variable, variableName(i), engine));
  for (const target of targets) checkAlive(argument.owner, target); // fields of a class of the user's were read meanwhile
  refuseDoubles(argument, targets);
  refuseSharedMemory(argument, targets);
  return targets;
}

/** Throws when a variable was disposed or its array was detached since the optimizer was built. */
export function checkAlive(owner: string, { key, name, shape }: Target<HostArray>): void {
  if (isVariable(key)) {
    if (key.disposed) throw new StateError(owner, `variable ${name} was disposed. Make a new optimizer without it.`);
    return;
  }
  const length = lengthOf(key as FloatArray); // A key that is no Variable is an array of the user's.
  const expected = shape[0] ?? 0;
  if (length === expected) return;
  const problem = `the array of ${name} has ${length} elements now, ${expected} when the optimizer was built`;
  const reason = "its memory was transferred or resized";
  throw new StateError(owner, `${problem}: ${reason}. Make a new optimizer with the new array.`);
}

/** Keras computes a global norm over mixed types in float64, which a float32 kernel cannot repeat bit for bit. */
export function checkOneType(argument: Argument, targets: readonly Target<HostArray>[]): void {
  const types = [...new Set(targets.map(({ dtype }) => dtype))];
  if (types.length < 2) return;
  const remedy = "Make all of them float32 or all of them float64, or clip with clipnorm.";
  throw argument.badKind("be of one type under globalClipnorm", new Verbatim(types.join(" and ")), remedy);
}

function targetOf(argument: Argument, variable: VariableLike, name: string, engine: HostEngine): Target<HostArray> {
  if (isVariable(variable)) {
    const problem = `${argument.name}, ${variable.name}, was disposed. Make a new one.`;
    if (variable.disposed) throw new StateError(argument.owner, problem);
    const array = storageOf(variable);
    const { name, shape, overwriteWithGradient } = variable;
    checkShape(argument, shape, array.length);
    return { key: variable, name, shape, dtype: array.dtype, array, overwriteWithGradient };
  }
  if (!isFloats(variable)) {
    const remedy = variableRemedy(variable, "Wrap numbers in new Variable(...).");
    throw argument.badKind("be a Variable, a Float32Array or a Float64Array", variable, remedy);
  }
  if (engine.pin(variable) !== null) {
    const remedy = "Pass the Variable itself: views go stale when memory grows.";
    throw argument.badKind("not be a view of a Variable", variable, remedy);
  }
  if (isDetached(variable)) throw detached(argument);
  const [dtype, shape, array] = [floatTypeOf(variable), [lengthOf(variable)], ownView(variable)];
  return { key: variable, name, shape, dtype, array, overwriteWithGradient: false };
}

/** A class that extends Variable may say what it likes. */
function checkShape(argument: Argument, shape: readonly number[], size: number): void {
  if (sizeOf(shape) === size) return;
  const received = new Verbatim(`shape [${shape}]`);
  throw argument.badValue(`have the shape of its ${size} elements`, received, "Do not override or replace shape.");
}

function refuseDoubles(argument: Argument, targets: readonly Target<HostArray>[]): void {
  const seen = new Map<object, Target<HostArray>>();
  for (const target of targets) {
    const same = seen.get(target.key);
    if (same !== undefined) throw sharedMemory(argument, same, target, PASS_ONCE);
    seen.set(target.key, target);
  }
}

const PASS_ONCE = "Pass each variable once, and no views that overlap.";

function refuseSharedMemory(argument: Argument, targets: readonly Target<HostArray>[]): void {
  const byBuffer = new Map<ArrayBufferLike, { name: string; start: number; end: number }[]>();
  for (const { array, name } of targets) {
    const { buffer, byteOffset: start, byteLength } = ArrayBuffer.isView(array) ? array : array.view;
    if (byteLength === 0) continue;
    const ranges = byBuffer.get(buffer) ?? [];
    byBuffer.set(buffer, ranges);
    ranges.push({ name, start, end: start + byteLength });
  }
  for (const ranges of byBuffer.values()) {
    ranges.sort((a, b) => a.start - b.start);
    ranges.forEach((range, i) => {
      const next = ranges[i + 1];
      if (next !== undefined && next.start < range.end) throw sharedMemory(argument, range, next, PASS_ONCE);
    });
  }
}
