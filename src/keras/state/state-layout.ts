// Where the variables of an optimizer lie in a file of Keras 3, or of Keras 2.12 and later, and how they are taken from there.
import { StateError, StateMismatchError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import { runOf } from "../../core/run/run.js";
import { stateOf } from "../../core/state/own-state.js";
import type { StateVariable } from "../../core/state/state.js";
import { LossScaleOptimizer } from "../../plain/loss-scale.js";
import type { AnyOptimizer } from "../../plain/registry.js";
import type { Variable } from "../../plain/variable.js";
import { READ_KERAS } from "../errors.js";
import type { Hdf5File, KerasArray } from "../hdf5/read.js";
import type { NewArray } from "../hdf5/write.js";

export const STATE = "optimizer/vars";
/** A LossScaleOptimizer is saved with its inner optimizer's variables, and these once more here. */
export const INNER_STATE = "optimizer/inner_optimizer/vars";
/** As Keras 2.12 to 2.14 has it. */
const OLD_INNER_STATE = "optimizer/_optimizer/vars";

/** An optimizer's own variables, and where each of them lies in a file. */
export type StatePlaces = readonly (readonly [path: string, variable: StateVariable])[];

/** How a file keeps the state of its optimizer. */
export interface StateLayout {
  /** The paths of all of it; empty for a file without. */
  readonly paths: readonly string[];
  /** Whether it is that of a LossScaleOptimizer. */
  readonly isScaled: boolean;
  /** The name that the optimizer, or that within a loss scale, was given; null if the file does not say it. */
  readonly name: string | null;
  /** How what goes on from it differs from what its own Keras would do; null if it does not. */
  readonly note: string | null;
  /** The places of the variables of an optimizer, but of those that files of this kind leave out. */
  placesFor(optimizer: AnyOptimizer): StatePlaces;
}

/** The state in a file of Keras 3, where its arrays are numbered; Keras 2 leaves out the learning rate and the loss scale. */
export function numberedState({ arrays, attributes }: Hdf5File): StateLayout {
  const paths = [...arrays.keys()].filter((path) => path.startsWith("optimizer/"));
  const inner = [INNER_STATE, OLD_INNER_STATE].find((each) => paths.some((path) => path.startsWith(`${each}/`)));
  const folder = inner ?? STATE;
  const name = attributes.get(folder)?.get("name");
  const isOfKeras2 = name === undefined && arrays.get(`${folder}/1`)?.shape.length !== 0;
  return {
    ...{ paths, isScaled: inner !== undefined, name: typeof name === "string" ? name : null, note: null },
    placesFor: (optimizer) => (isOfKeras2 ? placesInKeras2(optimizer, folder) : numberedPlaces(optimizer)),
  };
}

/** As Keras 3 numbers them. */
export function numberedPlaces(optimizer: AnyOptimizer): StatePlaces {
  const own = numbered(STATE, listOf(optimizer));
  if (!(optimizer instanceof LossScaleOptimizer)) return own;
  return [...own, ...numbered(INNER_STATE, listOf(optimizer.innerOptimizer))];
}

/** As Keras 2 does, which saves no learning rate, and of a loss scale the inner optimizer alone, twice. */
function placesInKeras2(optimizer: AnyOptimizer, folder: string): StatePlaces {
  const isScaled = optimizer instanceof LossScaleOptimizer;
  const own = listOf(isScaled ? optimizer.innerOptimizer : optimizer).filter((variable) => !isLearningRate(variable));
  return [...numbered(STATE, own), ...(isScaled ? numbered(folder, own) : [])];
}

const numbered = (folder: string, own: readonly StateVariable[]): StatePlaces =>
  own.map((variable, i) => [`${folder}/${i}`, variable]);

/** The own variables of an optimizer in Keras' order. */
export const listOf = (optimizer: AnyOptimizer): readonly StateVariable[] => stateOf(optimizer).list();

export const isLearningRate = ({ name, of }: StateVariable): boolean => of === null && name === "learning_rate";

/** Own variables as arrays of a file, with their present values. */
export function stateArrays(places: StatePlaces): NewArray[] {
  return places.map(([path, variable]) => ({
    ...{ path, shape: variable.shape, dtype: variable.dtype, values: variable.present().slice() },
  }));
}

/**
 * Builds a new optimizer on these variables and gives it the state of the file; returns where that lies. Throws
 * StateMismatchError, with both lists, if it is the state of other variables or of another optimizer; then it is not built, and
 * nothing in it has changed.
 */
export function restoreOptimizer(
  optimizer: AnyOptimizer,
  trained: readonly Variable[],
  { arrays }: Hdf5File,
  layout: StateLayout,
): void {
  if (optimizer.built) {
    const problem = "options.optimizer is built on other variables than those of the file. Pass a new one";
    throw new StateError(READ_KERAS, `${problem}, its name, or its serialized form.`);
  }
  const unbuilt = layout.placesFor(optimizer);
  runOf(optimizer).buildThen(trained, () => {
    // Saved before it was built, an optimizer has its counters only. Where slots may be scalars, too, they have to be 0.
    const mayBeSlots = trained.some(({ shape }) => shape.length === 0);
    const isCounter = (path: string) => {
      const array = arrays.get(path);
      return mayBeSlots ? isStep0(array) : array?.shape.length === 0;
    };
    const isUnbuilt = layout.paths.length === unbuilt.length && unbuilt.every(([path]) => isCounter(path));
    const built = layout.placesFor(optimizer);
    restore(optimizer, isUnbuilt ? countersOf(built, unbuilt) : built, arrays, layout);
  });
}

function restore(
  { className }: AnyOptimizer,
  places: StatePlaces,
  arrays: Hdf5File["arrays"],
  { paths }: StateLayout,
): void {
  const found = places.map(([path]) => arrays.get(path));
  const fits = places.every(([, { shape }], i) => isSame(shape, found[i]?.shape ?? [-1]));
  if (!fits || paths.length !== places.length) {
    const problem = `the file's optimizer state does not fit ${className} and the trainable weights.`;
    const expected = places.map(([path, { name, shape }]) => `${path} ${name} [${shape}]`);
    const received = paths.map((path) => `${path} [${arrays.get(path)?.shape}]`);
    throw new StateMismatchError(READ_KERAS, problem, expected, received);
  }
  const values = found.map((array) => array?.values() ?? []);
  for (const [i, [, variable]] of places.entries()) variable.check(values[i] ?? []);
  for (const [i, [, variable]] of places.entries()) variable.assign(values[i] ?? []);
}

/** The variables that there were before the optimizer was built, as they are now. */
function countersOf(built: StatePlaces, unbuilt: StatePlaces): StatePlaces {
  const now = new Map(built.map(([, variable]) => [variable.path, variable]));
  return unbuilt.map(([path, variable]) => [path, now.get(variable.path) ?? variable]);
}

/** A counter that says nothing else than that no step was made. */
function isStep0(array: KerasArray | undefined): boolean {
  if (array === undefined || array.shape.length > 0) return false;
  return !array.dtype.includes("int") || array.values()[0] === 0;
}
