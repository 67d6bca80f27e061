// readKeras: from the bytes of a .keras or .weights.h5 file to Variables and an optimizer, and back to bytes.

import { Argument } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
import { runOf } from "../core/run/run.js";
import type { CustomObjects, KerasConfig, SerializedObject } from "../core/serialization.js";
import type { AnyOptimizer } from "../plain/registry.js";
import type { Variable } from "../plain/variable.js";
import { READ_KERAS } from "./errors.js";
import type { KerasArray } from "./hdf5/read.js";
import { replaceArrays } from "./hdf5/replace.js";
import { layersOfConfig } from "./layout/config-layers.js";
import { type Layout, layoutByLayers, layoutOfFile, type Note } from "./layout/layout.js";
import { legacyLayout } from "./layout/legacy-layout.js";
import type { FileLimits } from "./limits.js";
import { loadH5wasm } from "./packages.js";
import { type FileContents, parseContents, WEIGHTS } from "./parse.js";
import { type FoundOptimizer, findOptimizer } from "./state/found-optimizer.js";
import { legacyState } from "./state/legacy-state.js";
import { numberedState, ownVariablesOf, type StateLayout, stateArrays } from "./state/state-layout.js";
import { orderedBy, variablesOf } from "./weights.js";
import { arraysOf, type PlacedWeight } from "./write.js";
import { writeZip } from "./zip/write-zip.js";

/** The options of `readKeras`. */
export interface ReadOptions {
  /**
   * The model's config in Keras' JSON, parsed: what `model.to_json()` gives, or a .keras file's config.json. A .keras file
   * has its own; a .weights.h5 file needs one where layers of several classes leave their order open.
   */
  readonly config?: KerasConfig | undefined;
  /**
   * The optimizer that a .weights.h5 file holds the state of: a new one, its name, or its serialized form. With null the weights
   * are read alone.
   */
  readonly optimizer?: AnyOptimizer | SerializedObject | string | null | undefined;
  /**
   * The trainable weights in the order of Keras' `model.trainable_variables`, by their paths in the file or their names: for models
   * whose file does not say it, as that of a class of one's own. All others are taken as not trained.
   */
  readonly order?: readonly string[] | undefined;
  /** Schedules, functions and optimizers of your own by the names that configs use. Without it only Keras' own are made. */
  readonly customObjects?: CustomObjects | undefined;
  /** Ceilings for what the file may ask for. */
  readonly limits?: FileLimits | undefined;
}

/** What a file of Keras holds. */
export interface KerasFile extends FoundOptimizer {
  /** `"h5"` is a file of Keras 1 or 2, or what Keras 3 saves under that ending. */
  readonly format: "keras" | "weights.h5" | "h5";
  /** The model's config in Keras' JSON; null for a .weights.h5 file, unless one was given. */
  readonly config: KerasConfig | null;
  /**
   * The weights in the order of Keras' `model.weights`, as far as the file says it, with names, `trainable` and constraints of its
   * config. Those of other types than float are in `arrays` only.
   */
  readonly weights: readonly Variable[];
  /**
   * What is held in another way than the file has it, in sentences: short types, constraints that are not known; and what `toBytes`
   * will need that is not installed.
   */
  readonly notes: readonly string[];
  /** All arrays of the file in its order. */
  readonly arrays: readonly KerasArray[];
  /** The same file with the present values of weights and optimizer. Same values, same bytes. */
  toBytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives the memory of weights and optimizer back. */
  dispose(): void;
}

const OPTIONS = ["config", "optimizer", "order", "customObjects", "limits"];

/**
 * Reads a file that Keras 3 saved: a whole model (.keras) or weights (.weights.h5).
 *
 * Nothing in the file is run, no other file is opened, and sizes are checked before memory is taken.
 *
 * @throws KerasFileError for bytes that cannot be read
 * @throws StateMismatchError, with both lists, when a config that was passed and the weights do not fit together
 */
export async function readKeras(bytes: Uint8Array | ArrayBuffer, options: ReadOptions = {}): Promise<KerasFile> {
  checkOptions(options);
  const contents = parseContents(bytes, options.limits);
  return readContents(contents, options, await lackingFor(contents));
}

/** Throws for anything but an object of known options. */
export function checkOptions(options: ReadOptions): void {
  new Argument(READ_KERAS, "options").keys(options, OPTIONS);
  const { customObjects = {} } = options;
  new Argument(READ_KERAS, "options.customObjects").keys(customObjects, Object.keys(Object(customObjects)));
}

const NO_PLACE =
  "toBytes() fails once a step has made slots: a legacy HDF5 file has no place for new ones. Write a file with writeWeights.";

/** The package that `toBytes` will need and that is not installed: said when reading begins, not after hours of training. */
export async function lackingFor({ hdf5, file, legacy }: FileContents): Promise<string[]> {
  const state = [...file.arrays.values()].filter(({ path }) => /^optimizer(_weights)?\//.test(path));
  // Slots are made by the first step; what is packed, or in several files, has no place of its own.
  const isUnbuilt = state.length > 0 && state.every(({ shape }) => shape.length === 0);
  const isNew = hdf5 === null || isUnbuilt || [...file.arrays.values()].some(({ address }) => address === null);
  if (legacy !== null) return isUnbuilt ? [NO_PLACE] : [];
  if (!isNew) return [];
  try {
    await loadH5wasm();
    return [];
  } catch (error) {
    return [`toBytes() will fail: ${reasonOf(error)}`];
  }
}

/** What the parts of a file hold, with options that were checked; `lacking` is among its notes. */
export function readContents(parsed: FileContents, options: ReadOptions, lacking: readonly string[]): KerasFile {
  const { customObjects = {}, order } = options;
  const contents = { ...parsed, config: options.config ?? parsed.config };
  const weights: PlacedWeight[] = [];
  const notes = new Set<string>(lacking);
  const note = (text: string): unknown => notes.add(text);
  const layout = orderedBy(layoutOf(contents, options.config === undefined, note), order);
  try {
    for (const weight of variablesOf(contents.file, layout, customObjects, note)) weights.push(weight);
    const { orderProblem, flagsProblem } = layout;
    if (flagsProblem !== null) notes.add(flagsProblem);
    const trained = weights.flatMap(({ variable }) => (variable.trainable ? [variable] : []));
    const state = contents.legacy === null ? numberedState(contents.file) : legacyState(contents.file);
    const source = { ...contents, state, orderProblem, flagsProblem, trained: orderProblem === null ? trained : null };
    const found = findOptimizer({ ...source, note }, options.optimizer, customObjects);
    return fileOf(contents, { weights, state, notes: [...notes], ...found });
  } catch (error) {
    for (const { variable } of weights) variable.dispose();
    throw error;
  }
}

/** Where the weights lie. A config that lists no layers says nothing of that. */
function layoutOf({ file, config, limits, legacy }: FileContents, isOwnConfig: boolean, note: Note): Layout {
  const layers = config === null ? null : layersOfConfig(config, limits, file);
  if (legacy !== null) return legacyLayout(file, legacy, layers);
  return layers === null ? layoutOfFile(file, note) : layoutByLayers(file, layers, { limits, isOwnConfig, note });
}

interface Read extends FoundOptimizer {
  readonly weights: readonly PlacedWeight[];
  readonly state: StateLayout;
  readonly notes: readonly string[];
}

function fileOf({ hdf5, file, config, members, legacy }: FileContents, read: Read): KerasFile {
  const { weights, state, notes, optimizer, optimizerProblem } = read;
  const format = members !== null ? "keras" : legacy === null ? "weights.h5" : "h5";
  return {
    ...{ format, config, notes, optimizer, optimizerProblem },
    weights: weights.map(({ variable }) => variable),
    arrays: [...file.arrays.values()].map(({ path, shape, dtype, values }) => ({ path, shape, dtype, values })),
    toBytes: async () => {
      if (optimizer !== null) runOf(optimizer).checkUsable();
      const own = optimizer === null ? [] : stateArrays(state.placesFor(ownVariablesOf(optimizer)));
      const bytes = await replaceArrays({ bytes: hdf5, file, mayBeNew: legacy === null }, [
        ...weights.flatMap(arraysOf),
        ...own,
      ]);
      return members === null ? bytes : writeZip(new Map([...members, [WEIGHTS, bytes]]));
    },
    dispose: () => {
      optimizer?.dispose();
      for (const { variable } of weights) variable.dispose();
    },
  };
}
