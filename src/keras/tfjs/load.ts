// loadWeights: a file of Keras into a model of TensorFlow.js, with the state of its optimizer.

import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { argumentsOf } from "../../check/argument.js";
import { StateMismatchError } from "../../check/errors.js";
import type { KerasConfig } from "../../core/serialization.js";
import { LossScaleOptimizer, Optimizer } from "../../tfjs/index.js";
import { trainingOf } from "../../tfjs/training.js";
import type { Hdf5File } from "../hdf5/read.js";
import { namingOf } from "../layout/config-layers.js";
import type { FileLimits } from "../limits.js";
import { parseContents } from "../parse.js";
import { otherOwner } from "../state/found-optimizer.js";
import { numberedState, STATE } from "../state/state-layout.js";
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
  const { file, config, legacy } = await parseContents(bytes, options.limits);
  const places = legacy === null ? tensorPlaces(model, namingOf(file)) : legacyTensorPlaces(model, file, legacy);
  checkPlaces(places, file);
  const weights = places.map((place) => ({ ...place, values: weightValues(place, file) }));
  const { problem, restore } = legacy === null ? checkedState(model, file, config) : notRestored(LEGACY_STATE);
  // Nothing can be refused any more.
  tf.tidy(() => {
    for (const { variable, values } of weights) variable.assign(tf.tensor(values, variable.shape, "float32"));
  });
  restore();
  return { optimizer: problem === null, optimizerProblem: problem };
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

const LEGACY_STATE = "The state in a legacy HDF5 file is not loaded into TensorFlow.js; readKeras reads it.";

const notRestored = (problem: string) => ({ problem, restore: () => undefined });

/** The optimizer's state in a file, checked but not restored; or why there is none. */
function checkedState(model: tfl.LayersModel, file: Hdf5File, config: KerasConfig | null) {
  const { arrays } = file;
  const none = notRestored;
  const { optimizer } = model as { readonly optimizer?: unknown }; // the field is looked at
  const isOurs = optimizer instanceof Optimizer || optimizer instanceof LossScaleOptimizer;
  if (!isOurs) return none('The model is not compiled with an optimizer of "rmsprop/tfjs".');
  const count = [...arrays.keys()].filter((path) => path.startsWith(`${STATE}/`)).length;
  if (count === 0) return none("The file holds no optimizer.");
  const inner = optimizer instanceof LossScaleOptimizer ? optimizer.innerOptimizer : optimizer;
  const other = otherOwner({ state: numberedState(file), config }, inner.getClassName());
  if (other !== null) return none(`The state of the optimizer was left out: ${other}`);
  const names = stateNames(model, optimizer);
  const stored = names.map((_, i) => arrays.get(`${STATE}/${i}`));
  const fits = names.every(({ shape }, i) => stored[i]?.shape.join() === shape.join());
  if (!fits || count !== names.length) {
    const expected = names.map(({ name, shape }) => `${name} [${shape}]`);
    const received = Array.from({ length: count }, (_, i) => `${i} [${arrays.get(`${STATE}/${i}`)?.shape}]`);
    const { message } = new StateMismatchError(OWNER, "it does not fit this optimizer.", expected, received);
    return none(`The state of the optimizer was left out: ${message.replace(`${OWNER}: `, "")}`);
  }
  const values = names.map((name, i) => ({ ...name, value: stored[i]?.values() ?? new Float32Array() }));
  // What is no slot comes first there, in Keras' order or not.
  const ordered = [...values.filter(({ isSlot }) => !isSlot), ...values.filter(({ isSlot }) => isSlot)];
  return { problem: null, restore: trainingOf(optimizer).saved.checked(ordered) };
}
