// A file's optimizer: made from its config, built on the trainable weights, at the step where it was saved.
import { StateError, StateMismatchError } from "../check/errors.js";
import { isSame } from "../check/lists.js";
import { runOf } from "../core/run/run.js";
import { stateOf } from "../core/state/own-state.js";
import type { StateVariable } from "../core/state/state.js";
import { LossScaleOptimizer } from "../plain/loss-scale.js";
import type { AnyOptimizer } from "../plain/registry.js";
import type { Variable } from "../plain/variable.js";
import { READ_KERAS } from "./errors.js";
import type { Hdf5File } from "./hdf5/read.js";
import type { NewArray } from "./hdf5/write.js";

export const STATE = "optimizer/vars";
/** A LossScaleOptimizer is saved with its inner optimizer's variables, and these once more here. */
export const INNER_STATE = "optimizer/inner_optimizer/vars";

/** Where each of an optimizer's own variables lies in a file. */
type StatePlaces = readonly (readonly [path: string, variable: StateVariable])[];

function statePlaces(optimizer: AnyOptimizer): StatePlaces {
  const numbered = (folder: string, own: AnyOptimizer) =>
    stateOf(own)
      .list()
      .map((variable, i) => [`${folder}/${i}`, variable] as const);
  const own = numbered(STATE, optimizer);
  if (!(optimizer instanceof LossScaleOptimizer)) return own;
  return [...own, ...numbered(INNER_STATE, optimizer.innerOptimizer)];
}

/** An optimizer's own variables as arrays of a file, with their present values. */
export function stateArrays(optimizer: AnyOptimizer): NewArray[] {
  return statePlaces(optimizer).map(([path, variable]) => ({
    ...{ path, shape: variable.shape, dtype: variable.dtype, values: variable.present().slice() },
  }));
}

/** The paths of all that a file holds of an optimizer. */
export function statePaths({ arrays }: Hdf5File): string[] {
  return [...arrays.keys()].filter((path) => path.startsWith("optimizer/"));
}

/**
 * Builds a new optimizer on these variables and gives it the state of the file. Throws StateMismatchError, with both lists,
 * if it is the state of other variables or of another optimizer; then it is not built, and nothing in it has changed.
 */
export function restoreOptimizer(optimizer: AnyOptimizer, trained: readonly Variable[], file: Hdf5File): void {
  if (optimizer.built) {
    const problem = "options.optimizer is built on other variables than those of the file. Pass a new one";
    throw new StateError(READ_KERAS, `${problem}, its name, or its serialized form.`);
  }
  const unbuilt = statePlaces(optimizer);
  runOf(optimizer).buildThen(trained, () => restore(optimizer, unbuilt, file, trained));
}

function restore(optimizer: AnyOptimizer, unbuilt: StatePlaces, file: Hdf5File, trained: readonly Variable[]): void {
  const stored = statePaths(file);
  // Saved before it was built, an optimizer has its counters only. Where slots may be scalars, too, they have to be 0.
  const mayBeSlots = trained.some(({ shape }) => shape.length === 0);
  const isCounter = (path: string) => (mayBeSlots ? isStep0(file, path) : file.arrays.get(path)?.shape.length === 0);
  const isUnbuilt = stored.length === unbuilt.length && unbuilt.every(([path]) => isCounter(path));
  const places = isUnbuilt ? counters(optimizer, unbuilt) : statePlaces(optimizer);
  const found = places.map(([path]) => file.arrays.get(path));
  const fits = places.every(([, { shape }], i) => isSame(shape, found[i]?.shape ?? [-1]));
  if (!fits || stored.length !== places.length) throw mismatch(optimizer, places, file);
  const values = found.map((array) => array?.values() ?? []);
  for (const [i, [, variable]] of places.entries()) variable.check(values[i] ?? []);
  for (const [i, [, variable]] of places.entries()) variable.assign(values[i] ?? []);
}

/** The variables that there were before the optimizer was built, as they are now. */
function counters(optimizer: AnyOptimizer, unbuilt: StatePlaces): StatePlaces {
  const now = new Map(statePlaces(optimizer).map(([, variable]) => [variable.path, variable]));
  return unbuilt.map(([path, variable]) => [path, now.get(variable.path) ?? variable]);
}

/** A counter that says nothing else than that no step was made. */
function isStep0({ arrays }: Hdf5File, path: string): boolean {
  const array = arrays.get(path);
  if (array === undefined || array.shape.length > 0) return false;
  return !array.dtype.includes("int") || array.values()[0] === 0;
}

function mismatch({ className }: AnyOptimizer, places: StatePlaces, file: Hdf5File): StateMismatchError {
  const problem = `the file's optimizer state does not fit ${className} and the trainable weights.`;
  const expected = places.map(([path, { name, shape }]) => `${path} ${name} [${shape}]`);
  const received = statePaths(file).map((path) => `${path} [${file.arrays.get(path)?.shape}]`);
  return new StateMismatchError(READ_KERAS, problem, expected, received);
}
