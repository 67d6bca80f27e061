// Where the variables of an optimizer lie in a file of Keras 3, or of Keras 2.12 and later, and how they are taken from there.
import { StateError, StateMismatchError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import { partStates } from "../../core/multi/multi-optimizer.js";
import { runOf } from "../../core/run/run.js";
import { stateOf } from "../../core/state/own-state.js";
import type { StateVariable } from "../../core/state/state.js";
import { LossScaleOptimizer } from "../../plain/loss-scale.js";
import type { AnyOptimizer } from "../../plain/registry.js";
import type { Variable } from "../../plain/variable.js";
import { READ_KERAS } from "../errors.js";
import type { Hdf5File, KerasArray } from "../hdf5/read.js";
import type { NewArray } from "../hdf5/write.js";
import { countedNames } from "../layout/layers.js";

export const STATE = "optimizer/vars";
const INNER = "optimizer/inner_optimizer";
/** A LossScaleOptimizer is saved with its inner optimizer's variables, and these once more here. */
export const INNER_STATE: string = `${INNER}/vars`;
/** As Keras 2.12 to 2.14 has it. */
const OLD_INNER_STATE = "optimizer/_optimizer/vars";

/** What tells where one of an optimizer's own variables lies: that of a model of TensorFlow.js, too. */
export interface StateKind {
  /** Of a counter `"iteration"`, `"learning_rate"` ...; of a slot any. */
  readonly name: string;
  /** The kind of slot; null for a counter. */
  readonly slot: string | null;
}

/** An optimizer's own variables in Keras' order. */
export interface OwnVariables<V extends StateKind> {
  /** Of a loss scale, with those of the inner optimizer. */
  readonly all: readonly V[];
  /** Those of the inner optimizer alone; null if there is none. */
  readonly inner: readonly V[] | null;
  /** Those of each part of a MultiOptimizer, in the order of its parts. */
  readonly parts: readonly PartVariables<V>[];
}

/** The own variables of one part of a MultiOptimizer, which Keras saves once more in a folder for its class. */
export interface PartVariables<V extends StateKind> {
  readonly className: string;
  readonly variables: readonly V[];
}

/** Own variables, and where each of them lies in a file. */
export type StatePlaces<V extends StateKind = StateVariable> = readonly (readonly [path: string, variable: V])[];

/** How a file keeps the state of its optimizer. */
export interface StateLayout {
  /** The paths of all of it; empty for a file without. */
  readonly paths: readonly string[];
  /** Which has no learning rate among its arrays, and slots that nothing uses. */
  readonly isOfKeras2: boolean;
  /** Whether it is that of a LossScaleOptimizer. */
  readonly isScaled: boolean;
  /** The name that the optimizer, or that within a loss scale, was given; null if the file does not say it. */
  readonly name: string | null;
  /** How what goes on from it differs from what its own Keras would do; null if it does not. */
  readonly note: string | null;
  /** The places of an optimizer's own variables, but of those that files of this kind leave out. */
  placesFor<V extends StateKind>(own: OwnVariables<V>): StatePlaces<V>;
}

/** The state in a file of Keras 3, where its arrays are numbered; Keras 2 leaves out the learning rate and the loss scale. */
export function numberedState({ arrays, attributes }: Hdf5File): StateLayout {
  const paths = [...arrays.keys()].filter((path) => path.startsWith("optimizer/"));
  const inner = [INNER_STATE, OLD_INNER_STATE].find((each) => paths.some((path) => path.startsWith(`${each}/`)));
  const folder = inner ?? STATE;
  const name = attributes.get(folder)?.get("name");
  const isOfKeras2 = name === undefined && arrays.get(`${folder}/1`)?.shape.length !== 0;
  return {
    ...{ paths, isOfKeras2, isScaled: inner !== undefined, name: typeof name === "string" ? name : null, note: null },
    placesFor: (own) => (isOfKeras2 ? placesInKeras2(own, folder) : numberedPlaces(own)),
  };
}

/** As Keras 3 numbers them, which does not list the numbers of a whole optimizer that is within a loss scale. */
export function numberedPlaces<V extends StateKind>({ all, inner, parts }: OwnVariables<V>): StatePlaces<V> {
  const listed = (variable: V): boolean => inner === null || !isOfWhole(variable);
  const folder = inner === null ? "optimizer" : INNER;
  const names = countedNames(parts.map(({ className }) => className));
  return [
    ...numbered(STATE, all.filter(listed)),
    ...numbered(INNER_STATE, (inner ?? []).filter(listed)),
    ...parts.flatMap(({ variables }, i) => numbered(`${folder}/optimizers/${names[i]}/vars`, variables.filter(listed))),
  ];
}

/** As Keras 2 does, which saves no learning rate and no number of a whole optimizer, and of a loss scale the inner optimizer alone, twice. */
function placesInKeras2<V extends StateKind>({ all, inner }: OwnVariables<V>, folder: string): StatePlaces<V> {
  const own = (inner ?? all).filter((variable) => !isLearningRate(variable) && !isOfWhole(variable));
  return [...numbered(STATE, own), ...(inner === null ? [] : numbered(folder, own))];
}

const numbered = <V extends StateKind>(folder: string, own: readonly V[]): StatePlaces<V> =>
  own.map((variable, i) => [`${folder}/${i}`, variable]);

export function ownVariablesOf(optimizer: AnyOptimizer): OwnVariables<StateVariable> {
  const isScaled = optimizer instanceof LossScaleOptimizer;
  const inner = isScaled ? stateOf(optimizer.innerOptimizer).list() : null;
  const parts = partStates(isScaled ? optimizer.innerOptimizer : optimizer);
  return { all: stateOf(optimizer).list(), inner, parts };
}

/** A number of the whole optimizer, such as Nadam's product. */
export const isOfWhole = ({ name, slot }: StateKind): boolean => slot === null && !COUNTERS.has(name);

const COUNTERS = new Set(["iteration", "learning_rate", "step_counter", "dynamic_scale"]);

export const isLearningRate = ({ name, slot }: StateKind): boolean => slot === null && name === "learning_rate";

/** Own variables as arrays of a file, with their present values. */
export function stateArrays(places: StatePlaces): NewArray[] {
  return places.map(([path, variable]) => ({
    ...{ path, shape: variable.shape, dtype: variable.dtype, values: variable.present().slice() },
  }));
}

/**
 * Builds a new optimizer on these variables and gives it the state of the file. Throws StateMismatchError, with both lists, if it
 * is the state of other variables or of another optimizer; then it is not built, and nothing in it has changed. The result says
 * what is not as that optimizer was.
 */
export function restoreOptimizer(
  optimizer: AnyOptimizer,
  trained: readonly Variable[],
  { arrays }: Hdf5File,
  layout: StateLayout,
): readonly string[] {
  if (optimizer.built) {
    const problem = "options.optimizer is built on other variables than those of the file. Pass a new one";
    throw new StateError(READ_KERAS, `${problem}, its name, or its serialized form.`);
  }
  const unbuilt = layout.placesFor(ownVariablesOf(optimizer));
  let said: readonly string[] = [];
  runOf(optimizer).buildThen(trained, () => {
    // Saved before it was built, an optimizer has its counters only. Where slots may be scalars, too, they have to be 0.
    const mayBeSlots = trained.some(({ shape }) => shape.length === 0);
    const isCounter = (path: string) => {
      const array = arrays.get(path);
      return mayBeSlots ? isStep0(array) : array?.shape.length === 0;
    };
    const isUnbuilt = layout.paths.length === unbuilt.length && unbuilt.every(([path]) => isCounter(path));
    const { places, rest, notes } = placed(layout, ownVariablesOf(optimizer), trained, arrays);
    restore(optimizer, isUnbuilt ? countersOf(places, unbuilt) : places, arrays, isUnbuilt ? [] : rest);
    said = notes;
  });
  return said;
}

/** Where own variables lie in a file. */
export interface Placed<V extends StateKind> {
  readonly places: StatePlaces<V>;
  /** The paths of what else the file has of an optimizer's state: with any, it is another one's. */
  readonly rest: readonly string[];
  /** What will not be as it was, in sentences. */
  readonly notes: readonly string[];
}

const UNUSED_MOMENTUM =
  "Keras 2 makes slots of momentum for an optimizer without momentum, too: they do nothing, and are left as they are.";

const NEW_SCALE = "A file of Keras 2 does not hold the loss scale: the present one stays.";

/** Where the own variables of an optimizer of these trained weights lie, all of which it has slots for. */
export function placed<V extends StateKind>(
  layout: StateLayout,
  own: OwnVariables<V>,
  trained: readonly Pick<Variable, "shape">[],
  arrays: Hdf5File["arrays"],
): Placed<V> {
  const places = layout.placesFor(own);
  const taken = new Set(places.map(([path]) => path));
  const rest = layout.paths.filter((path) => !taken.has(path));
  const hasSlots = places.some(([, { slot }]) => slot !== null && slot !== "average");
  // Within a loss scale they are there twice.
  const isForEach = trained.length > 0 && rest.length % trained.length === 0;
  const isUnused =
    layout.isOfKeras2 &&
    !hasSlots &&
    isForEach &&
    rest.every((path, i) => isSame(arrays.get(path)?.shape ?? [-1], trained[i % trained.length]?.shape ?? []));
  const isNewScale = own.inner !== null && places.every(([, { name }]) => name !== "dynamic_scale");
  const left = own.all.filter((variable) => isOfWhole(variable) && !places.some(([, placed]) => placed === variable));
  const notes = [
    ...(layout.note === null ? [] : [layout.note]),
    ...(isUnused && rest.length > 0 ? [UNUSED_MOMENTUM] : []),
    ...(isNewScale ? [NEW_SCALE] : []),
    ...left.map(({ name }) => `Keras does not save ${name} in such a file: the present one stays.`),
  ];
  return { places, rest: isUnused ? [] : rest, notes };
}

function restore(
  { className }: AnyOptimizer,
  places: StatePlaces,
  arrays: Hdf5File["arrays"],
  rest: readonly string[],
): void {
  const found = places.map(([path]) => arrays.get(path));
  const fits = places.every(([, { shape }], i) => isSame(shape, found[i]?.shape ?? [-1]));
  if (!fits || rest.length > 0) {
    const problem = `the file's optimizer state does not fit ${className} and the trainable weights.`;
    const expected = places.map(([path, { name, shape }]) => `${path} ${name} [${shape}]`);
    const present = [...new Set([...places.map(([path]) => path), ...rest])].filter((path) => arrays.has(path));
    const received = present.map((path) => `${path} [${arrays.get(path)?.shape}]`);
    throw new StateMismatchError(READ_KERAS, problem, expected, received);
  }
  const values = found.map((array) => array?.values() ?? []);
  for (const [i, [, variable]] of places.entries()) variable.check(values[i] ?? []);
  for (const [i, [, variable]] of places.entries()) variable.assign(values[i] ?? []);
}

/** The variables that there were before the optimizer was built, as they are now. Parts may have the same names. */
function countersOf(built: StatePlaces, unbuilt: StatePlaces): StatePlaces {
  const keyed = (places: StatePlaces) => {
    const seen = new Map<string, number>();
    return places.map(([path, variable]) => {
      const count = seen.get(variable.path) ?? 0;
      seen.set(variable.path, count + 1);
      return { path, variable, key: `${count} ${variable.path}` };
    });
  };
  const now = new Map(keyed(built).map(({ key, variable }) => [key, variable]));
  return keyed(unbuilt).map(({ path, variable, key }) => [path, now.get(key) ?? variable]);
}

/** A counter that says nothing else than that no step was made. */
function isStep0(array: KerasArray | undefined): boolean {
  if (array === undefined || array.shape.length > 0) return false;
  return !array.dtype.includes("int") || array.values()[0] === 0;
}
