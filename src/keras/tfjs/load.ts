// loadWeights: a file of Keras into a model of TensorFlow.js, with the state of its optimizer.

import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { argumentsOf } from "../../check/argument.js";
import { StateMismatchError } from "../../check/errors.js";
import type { FloatArray } from "../../engine/engine.js";
import { LossScaleOptimizer, Optimizer } from "../../tfjs/index.js";
import { trainingOf } from "../../tfjs/training.js";
import type { Hdf5File } from "../hdf5/read.js";
import { namingOf } from "../layout/config-layers.js";
import type { FileLimits } from "../limits.js";
import { type FileContents, parseContents } from "../parse.js";
import { otherOwner } from "../state/found-optimizer.js";
import { legacyState } from "../state/legacy-state.js";
import { numberedState, placed } from "../state/state-layout.js";
import { legacyTensorPlaces, type TensorPlace, tensorPlaces } from "./places.js";
import { stateNames } from "./state-names.js";

/** The options of `loadWeights`. */
export interface LoadOptions {
  /** Ceilings for what the file may ask for. */
  readonly limits?: FileLimits | undefined;
}

/** What was loaded beside the weights. */
export interface Loaded {
  /** Whether the model's optimizer has the state of the file now. */
  readonly optimizer: boolean;
  /** Why it has not; null if it has. */
  readonly optimizerProblem: string | null;
  /** What of it is not as it was, in sentences: older files of Keras leave things out. */
  readonly notes: readonly string[];
}

const OWNER = "loadWeights";
const argument = argumentsOf(OWNER);

/**
 * Gives a model the weights of a .keras or .weights.h5 file of a model with the same layers. If the model is compiled with an
 * optimizer of "rmsprop/tfjs", and the file holds the state of one of the same class with the same slots, that too; else
 * `optimizerProblem` says why not.
 *
 * @throws StateMismatchError that lists all weights that do not fit; then nothing was changed
 */
export async function loadWeights(
  model: tfl.LayersModel,
  bytes: Uint8Array | ArrayBuffer,
  options: LoadOptions = {},
): Promise<Loaded> {
  argument("options").keys(options, ["limits"]);
  if (!isModel(model)) throw argument("model").badKind("be a LayersModel", model, "Pass one of tfjs-layers, built.");
  const contents = parseContents(bytes, options.limits);
  const { file, legacy } = contents;
  const places = legacy === null ? tensorPlaces(model, namingOf(file)) : legacyTensorPlaces(model, file, legacy);
  checkPlaces(places, file);
  const weights = places.map((place) => ({ ...place, values: weightValues(place, file) }));
  const { problem, notes, restore } = await checkedState(model, contents);
  // Nothing can be refused any more.
  tf.tidy(() => {
    for (const { variable, values } of weights) variable.assign(tf.tensor(values, variable.shape, "float32"));
  });
  restore();
  return { optimizer: problem === null, optimizerProblem: problem, notes };
}

const isModel = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "layers" in value &&
  Array.isArray(value.layers) &&
  "getWeights" in value;

/** The values of a weight; what float32 would make infinite is refused. */
function weightValues({ path, variable: { name } }: TensorPlace, { arrays }: Hdf5File): Float32Array {
  const given = arrays.get(path)?.values() ?? new Float32Array();
  const values = Float32Array.from(given);
  const at = values.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(given[i]));
  if (at < 0) return values;
  const remedy = "The model of the file has larger ones: its type is float64.";
  throw argument(`${path}[${at}]`).badValue(`hold numbers that float32 holds, of which ${name} is`, given[at], remedy);
}

function checkPlaces(places: readonly TensorPlace[], file: Hdf5File): void {
  const { arrays } = file;
  const { folder } = namingOf(file);
  const known = new Set(places.map(({ path }) => path));
  const shapeOf = (path: string) => arrays.get(path)?.shape.join() ?? null;
  const wrong = places.filter(({ path, variable }) => shapeOf(path) !== variable.shape.join());
  const extra = [...arrays.keys()].filter((path) => path.startsWith(`${folder}/`) && !known.has(path));
  if (wrong.length === 0 && extra.length === 0) return;
  const expected = wrong.map(({ path, variable: { name, shape } }) => `${path} ${name} [${shape}]`);
  const found = wrong.map(({ path }) => `${path} ${shapeOf(path) === null ? "is missing" : `[${shapeOf(path)}]`}`);
  const received = [...found, ...extra.map((path) => `${path} [${shapeOf(path)}]`)];
  const isGru = wrong.some(({ path }) => /\/gru(_\d+)?\//.test(path));
  const hint = isGru ? " A GRU of TensorFlow.js has no reset_after, which Keras' has by default." : "";
  throw new StateMismatchError(
    OWNER,
    `the file is one of another model; nothing was loaded.${hint}`,
    expected,
    received,
  );
}

/** Throws what is wrong with the state, or says why there is none; `restore` gives it to the optimizer. */
interface CheckedState {
  readonly problem: string | null;
  readonly notes: readonly string[];
  restore(): void;
}

const notRestored = (problem: string): CheckedState => ({
  ...{ problem, notes: [], restore: () => undefined },
});

/** The optimizer's state in a file, checked but not restored; or why there is none. */
async function checkedState(model: tfl.LayersModel, { file, config, legacy }: FileContents): Promise<CheckedState> {
  const { optimizer } = model as { readonly optimizer?: unknown }; // the field is looked at
  const isOurs = optimizer instanceof Optimizer || optimizer instanceof LossScaleOptimizer;
  if (!isOurs) return notRestored('The model is not compiled with an optimizer of "rmsprop/tfjs".');
  const state = legacy === null ? numberedState(file) : legacyState(file);
  if (state.paths.length === 0) return notRestored("The file holds no optimizer.");
  const inner = optimizer instanceof LossScaleOptimizer ? optimizer.innerOptimizer : optimizer;
  const other = otherOwner({ state, config }, inner.getClassName());
  if (other !== null) return notRestored(`The state of the optimizer was left out: ${other}`);
  const own = stateNames(model, optimizer);
  const { places, rest, notes } = placed(state, own, model.trainableWeights.map(shapeOfWeight), file.arrays);
  const shapeAt = (path: string) => file.arrays.get(path)?.shape.join() ?? null;
  if (rest.length > 0 || places.some(([path, { shape }]) => shapeAt(path) !== shape.join())) {
    const expected = places.map(([path, { savedName, shape }]) => `${path} ${savedName} [${shape}]`);
    const received = state.paths.map((path) => `${path} [${shapeAt(path)}]`);
    const { message } = new StateMismatchError(OWNER, "it does not fit this optimizer.", expected, received);
    return notRestored(`The state of the optimizer was left out: ${message.replace(`${OWNER}: `, "")}`);
  }
  const { saved } = trainingOf(optimizer);
  const stored = new Map(places.map(([path, { savedName }]) => [savedName, valuesAt(file, path)]));
  // What files of a kind leave out stays as it is.
  const isWhole = own.all.every(({ savedName }) => stored.has(savedName));
  const present = new Map(isWhole ? [] : (await saved.values()).map(({ name, value }) => [name, value]));
  const all = own.all.map(({ savedName, shape, slot }) => {
    const value = stored.get(savedName) ?? present.get(savedName) ?? new Float32Array();
    return { name: savedName, shape, isSlot: slot !== null, value };
  });
  // What is no slot comes first there, in Keras' order or not.
  const ordered = [...all.filter(({ isSlot }) => !isSlot), ...all.filter(({ isSlot }) => isSlot)];
  return { problem: null, notes, restore: saved.checked(ordered) };
}

const valuesAt = ({ arrays }: Hdf5File, path: string): FloatArray => arrays.get(path)?.values() ?? new Float32Array();

// A layer's weight is read as the variable itself, whose shape is known.
const shapeOfWeight = (weight: tfl.LayerVariable): { readonly shape: readonly number[] } => ({
  shape: weight.read().shape,
});
