// readKeras: from the bytes of a .keras or .weights.h5 file to Variables and an optimizer, and back to bytes.

import { Argument } from "../check/argument.js";
import { isError } from "../check/built-ins.js";
import type { CustomObjects, KerasConfig, SerializedObject } from "../core/serialization.js";
import { type AnyOptimizer, get } from "../plain/registry.js";
import { Variable } from "../plain/variable.js";
import { isFloat } from "./dtypes.js";
import { READ_KERAS } from "./errors.js";
import type { Hdf5File, KerasArray } from "./hdf5/read.js";
import { replaceArrays } from "./hdf5/replace.js";
import type { FileLimits } from "./limits.js";
import { restoreOptimizer, stateArrays, statePaths } from "./optimizer.js";
import { loadFflate } from "./packages.js";
import { type FileContents, parseContents, WEIGHTS } from "./parse.js";
import { isOrdered, layersOfConfig, layersOfFile, type Place, placesIn, placesOf } from "./weight-places.js";
import { arrayOf, type PlacedWeight } from "./write.js";
import { pack } from "./zip/zip.js";

/** The options of `readKeras`. */
export interface ReadOptions {
  /**
   * The model's config in Keras' JSON, parsed: what `model.to_json()` gives, or a .keras file's config.json. A .keras file
   * has its own; a .weights.h5 file needs one where layers of several classes leave their order open.
   */
  readonly config?: KerasConfig | undefined;
  /** The optimizer that a .weights.h5 file holds the state of: a new one, its name, or its serialized form. */
  readonly optimizer?: AnyOptimizer | SerializedObject | string | undefined;
  /** Schedules, functions and optimizers of your own by the names that configs use. Without it only Keras' own are made. */
  readonly customObjects?: CustomObjects | undefined;
  /** Ceilings for what the file may ask for. */
  readonly limits?: FileLimits | undefined;
}

/** What a file of Keras holds. */
export interface KerasFile {
  readonly format: "keras" | "weights.h5";
  /** The model's config in Keras' JSON; null for a .weights.h5 file, unless one was given. */
  readonly config: KerasConfig | null;
  /** The weights in the order of Keras' `model.weights`, by name. Those of other types than float are in `arrays` only. */
  readonly weights: readonly Variable[];
  /** Built on the trainable weights, at the step where it was saved; null if there is none, or none that is known. */
  readonly optimizer: AnyOptimizer | null;
  /** Why `optimizer` is null; null if it is not. */
  readonly optimizerProblem: string | null;
  /** All arrays of the file in its order. */
  readonly arrays: readonly KerasArray[];
  /** The same file with the present values of weights and optimizer. Same values, same bytes. */
  toBytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives the memory of weights and optimizer back. */
  dispose(): void;
}

const OPTIONS = ["config", "optimizer", "customObjects", "limits"];

/**
 * Reads a file that Keras 3 saved: a whole model (.keras) or weights (.weights.h5).
 *
 * Nothing in the file is run, no other file is opened, and sizes are checked before memory is taken.
 *
 * @throws KerasFileError for bytes that cannot be read
 * @throws StateMismatchError, with both lists, when config, weights and optimizer state do not fit together
 */
export async function readKeras(bytes: Uint8Array | ArrayBuffer, options: ReadOptions = {}): Promise<KerasFile> {
  new Argument(READ_KERAS, "options").keys(options, OPTIONS);
  const parsed = await parseContents(bytes, options.limits);
  const contents = { ...parsed, config: options.config ?? parsed.config };
  const { places, ordered } = findPlaces(contents);
  const weights: PlacedWeight[] = [];
  try {
    for (const weight of variablesOf(contents.file, places)) weights.push(weight);
    const trained = weights.flatMap(({ variable }) => (variable.trainable ? [variable] : []));
    return fileOf(contents, weights, findOptimizer(contents, ordered ? trained : null, options));
  } catch (error) {
    for (const { variable } of weights) variable.dispose();
    throw error;
  }
}

/** Where the weights lie, and whether their order is the model's. */
function findPlaces({ file, config, limits }: FileContents): { places: readonly Place[]; ordered: boolean } {
  const layers = config === null ? null : layersOfConfig(config, limits);
  if (layers !== null) return { places: placesIn(file, layers, limits), ordered: true };
  const own = layersOfFile(file);
  return { places: placesOf(own, [...file.arrays.keys()], limits), ordered: isOrdered(own) };
}

function* variablesOf({ arrays }: Hdf5File, places: readonly Place[]): Generator<PlacedWeight, void> {
  for (const { path, name, trainable } of places) {
    const array = arrays.get(path);
    if (array === undefined || !isFloat(array.dtype)) continue;
    const { shape } = array;
    const options = { shape, dtype: array.dtype === "float64" ? "float64" : "float32", trainable } as const;
    yield { path, variable: new Variable(array.values(), { ...options, name: name.replaceAll("/", "_") }) };
  }
}

type FoundOptimizer = Pick<KerasFile, "optimizer" | "optimizerProblem">;

/** The optimizer on these trained weights, which are null where their order is not known. */
function findOptimizer(
  { file, config }: FileContents,
  trained: readonly Variable[] | null,
  { optimizer: given, customObjects = {} }: ReadOptions,
): FoundOptimizer {
  const none = (optimizerProblem: string): FoundOptimizer => ({ optimizer: null, optimizerProblem });
  const identifier = given ?? optimizerOf(config);
  if (statePaths(file).length === 0) return none("The file holds no optimizer.");
  if (!identifier) return none("The file does not say which optimizer it holds. Pass it as options.optimizer.");
  if (trained === null) return none("The order of the layers is not known. Pass the model's JSON as options.config.");
  const optimizer = createOptimizer(identifier, customObjects);
  if (typeof optimizer === "string") return none(optimizer);
  try {
    restoreOptimizer(optimizer, trained, file);
    return { optimizer, optimizerProblem: null };
  } catch (error) {
    if (optimizer !== given) optimizer.dispose();
    throw error;
  }
}

/** The serialized optimizer of a model that was saved compiled. */
function optimizerOf(config: KerasConfig | null): unknown {
  const compiled = config?.compile_config;
  return typeof compiled === "object" && compiled !== null && "optimizer" in compiled ? compiled.optimizer : null;
}

/** The optimizer, or why there is none. */
function createOptimizer(identifier: unknown, customObjects: CustomObjects): AnyOptimizer | string {
  try {
    return get(identifier as Parameters<typeof get>[0], customObjects); // which says what is wrong with anything else
  } catch (error) {
    // A class that is not known, or a config that its class does not take: the weights are good all the same.
    return isError(error) ? `The optimizer was left out. ${error.message}` : "The optimizer was left out.";
  }
}

function fileOf(contents: FileContents, weights: readonly PlacedWeight[], found: FoundOptimizer): KerasFile {
  const { hdf5, file, config, members } = contents;
  const { optimizer } = found;
  return {
    ...{ format: members === null ? "weights.h5" : "keras", config, ...found },
    weights: weights.map(({ variable }) => variable),
    arrays: [...file.arrays.values()].map(({ path, shape, dtype, values }) => ({ path, shape, dtype, values })),
    toBytes: async () => {
      const state = optimizer === null ? [] : stateArrays(optimizer);
      const bytes = await replaceArrays(hdf5, file, [...weights.map(arrayOf), ...state]);
      return members === null ? bytes : pack(new Map([...members, [WEIGHTS, bytes]]), await loadFflate());
    },
    dispose: () => {
      optimizer?.dispose();
      for (const { variable } of weights) variable.dispose();
    },
  };
}
