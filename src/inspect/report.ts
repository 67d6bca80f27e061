// inspect/: what a file holds, for the command `rmsprop` and for the page.
//
// What the bytes of a file hold, as data. Nothing of it is run, and no objects are made of its config but Keras' own.

import { Argument } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
import { sizeOf } from "../check/lists.js";
import { readSafetensors } from "../checkpoint/safetensors.js";
import { checksumHolds, savedRunOf } from "../checkpoint/saved-run.js";
import { MULTI } from "../core/multi/multi-options.js";
import type { SerializedObject } from "../core/serialization.js";
import type { KerasArray } from "../keras/hdf5/read.js";
import { numberOrder } from "../keras/layout/paths.js";
import type { KerasFile } from "../keras/read.js";
import { INNER_STATE, STATE } from "../keras/state/state-layout.js";
import { LossScaleOptimizer } from "../plain/loss-scale.js";
import { MultiOptimizer } from "../plain/multi/optimizer.js";
import { type AnyOptimizer, deserialize } from "../plain/registry.js";
import { type ListedArray, listSafetensors } from "./safetensors.js";

/** An array and its elements in figures; `min` and `max` are of the finite ones, null where there are none. */
export interface ArrayReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly min: number | null;
  readonly max: number | null;
  /** Null where the elements cannot be read. */
  readonly nonFinite: number | null;
}

export interface Report {
  readonly file: string;
  readonly byteLength: number;
  readonly kind: string;
  readonly formatVersion: number | null;
  /** Whether the numbers are those that were saved; null where no checksum says so. */
  readonly checksumHolds: boolean | null;
  /** Keras' name of the optimizer's class; null without one, of which `problem` says why. */
  readonly optimizer: string | null;
  readonly problem: string | null;
  /** That of the optimizer; without one, that of the model. */
  readonly config: unknown;
  /** The options of the optimizer that Keras' JSON has no place for, as far as they are set. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What is read in another way than the file has it, in sentences. */
  readonly notes: readonly string[];
  readonly iteration: number | null;
  /** At the present step; null where a schedule or function of the user's gives it, or each of several optimizers has its own. */
  readonly learningRate: number | null;
  readonly lossScale: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: readonly ArrayReport[];
}

type Facts = Omit<Report, "file" | "byteLength">;

/** Says what bytes are by the first of them. Throws an Error that names `file`, which is where they come from. */
export function reportOf(file: string, bytes: Uint8Array): Promise<Report> {
  return named(file, bytes.byteLength, () => (isOfKeras(bytes) ? factsOfKeras(bytes) : factsOfOthers(bytes)));
}

/** As `reportOf`, of what `read` reads from a folder, or from several files. */
export function reportOfParts(file: string, byteLength: number, read: () => Promise<KerasFile>): Promise<Report> {
  return named(file, byteLength, async () => factsOfFile(await read()));
}

async function named(file: string, byteLength: number, facts: () => Promise<Facts> | Facts): Promise<Report> {
  try {
    return { file, byteLength, ...(await facts()) };
  } catch (cause) {
    throw new Error(`${JSON.stringify(file)}: ${reasonOf(cause)}`, { cause });
  }
}

const ZIP = [0x50, 0x4b];
const HDF5 = [0x89, 0x48, 0x44, 0x46];

function isOfKeras(bytes: Uint8Array): boolean {
  return [ZIP, HDF5].some((start) => start.every((byte, i) => bytes[i] === byte));
}

async function factsOfOthers(bytes: Uint8Array): Promise<Facts> {
  // After the eight bytes of its length, of which no file takes the last, a safetensors file has JSON.
  if (bytes[8] !== "{".charCodeAt(0) || bytes[7] !== 0)
    throw new Error(`it is neither a checkpoint nor a file of Keras: ${(await keras()).foreignKind(bytes)}`);
  try {
    return checkpointFacts(bytes);
  } catch (error) {
    // That of another program still has arrays.
    const { arrays, metadata } = listSafetensors(bytes);
    if ("rmsprop.version" in metadata) throw error;
    return {
      ...{
        kind: "safetensors",
        formatVersion: null,
        checksumHolds: null,
        optimizer: null,
        config: null,
        options: {},
        notes: [],
      },
      problem: `it is no checkpoint that can be loaded: ${reasonOf(error).replace(/^inspect: /, "")}`,
      ...{ iteration: null, learningRate: null, lossScale: null, metadata, arrays: arrays.map(arrayReport) },
    };
  }
}

function checkpointFacts(bytes: Uint8Array): Facts {
  const argument = new Argument("inspect", "bytes");
  const tensors = readSafetensors(argument, bytes);
  const saved = savedRunOf(argument, tensors);
  const { className, optimizer, variables, counters, slots, metadata } = saved;
  const named = (name: string): (number | null)[] =>
    counters.flatMap((tensor) => (tensor.name === name ? (tensor.values[0] ?? null) : []));
  const [lossScale = null] = named("dynamic_scale");
  // A loss scale has an iteration of its own, which comes first; those of several optimizers come after the one of them all.
  const iteration = named("iteration")[lossScale === null ? 0 : 1] ?? null;
  const arrays = [
    ...variables.map((variable) => ({ ...variable, name: `variables/${variable.name}` })),
    ...slots.map(({ kind, index, tensor }) => ({ ...tensor, name: `${kind}/${variables[index]?.name ?? index}` })),
  ];
  const rate = isOfSeveral(optimizer)
    ? null
    : (named("learning_rate").at(-1) ?? scheduledRate(optimizer, iteration ?? 0));
  return {
    ...{ kind: "checkpoint", formatVersion: 1, checksumHolds: checksumHolds(tensors) },
    ...{ optimizer: className, problem: null, notes: [], config: optimizer?.config ?? null },
    ...{ options: saved.options, iteration, learningRate: rate, lossScale },
    metadata,
    arrays: arrays.map(arrayReport),
  };
}

/** Whether a serialized optimizer, or the one within its loss scale, is of several others. */
function isOfSeveral(serialized: unknown): boolean {
  const { class_name: className, config } = Object(serialized);
  const { inner_optimizer: inner } = Object(config);
  return inner === undefined ? className === MULTI.className : isOfSeveral(inner);
}

/** What a schedule of Keras gives at that step; null for one of the user's. */
function scheduledRate(serialized: SerializedObject | null, iteration: number): number | null {
  try {
    const optimizer = deserialize(serialized as SerializedObject); // null is refused
    optimizer.build([]);
    optimizer.variables.find(({ name }) => name === "iteration")?.assign([iteration]);
    return optimizer.learningRate;
  } catch {
    return null;
  }
}

/** Only where they are needed, since they take packages that not everybody has. */
const keras = async () => ({ ...(await import("../keras/read.js")), ...(await import("../keras/foreign.js")) });

async function factsOfKeras(bytes: Uint8Array): Promise<Facts> {
  const { readKeras } = await keras();
  const { parseContents } = await import("../keras/parse.js");
  try {
    return factsOfFile(await readKeras(bytes));
  } catch (error) {
    // Where arrays and config do not fit together, there are arrays all the same.
    const { file, config } = parseContents(bytes);
    const arrays = [...file.arrays.values()];
    return factsFrom({
      format: bytes[0] === ZIP[0] ? "keras" : "h5",
      config,
      arrays,
      notes: [],
      optimizer: null,
      optimizerProblem: reasonOf(error),
    });
  }
}

function factsOfFile(file: KerasFile): Facts {
  try {
    return factsFrom(file);
  } finally {
    file.dispose();
  }
}

type Parts = Omit<KerasFile, "format" | "weights" | "toBytes" | "dispose"> & { readonly format: string };

function factsFrom({ format, config, optimizer, optimizerProblem, notes, arrays }: Parts): Facts {
  return {
    ...{ kind: `Keras' .${format}`, formatVersion: null, checksumHolds: null, notes },
    optimizer: optimizer?.className ?? null,
    // What to pass to readKeras is no use on a command line.
    problem: optimizerProblem?.replace(/ Pass .*options\..*$/s, "") ?? null,
    config: optimizer?.getConfig() ?? config,
    options: {},
    ...(optimizer === null ? storedState(arrays, config) : stateOf(optimizer)),
    metadata: {},
    arrays: inNumberOrder(arrays).map((array) => arrayReport({ ...array, name: array.path, values: array.values() })),
  };
}

/** As people count: `vars/2` before `vars/10`. */
function inNumberOrder(arrays: readonly KerasArray[]): readonly KerasArray[] {
  const byPath = new Map(arrays.map((array) => [array.path, array]));
  return numberOrder([...byPath.keys()]).flatMap((path) => byPath.get(path) ?? []);
}

type State = Pick<Facts, "iteration" | "learningRate" | "lossScale">;

function stateOf(optimizer: AnyOptimizer): State {
  const lossScale = optimizer instanceof LossScaleOptimizer ? optimizer.dynamicScale : null;
  const inner = optimizer instanceof LossScaleOptimizer ? optimizer.innerOptimizer : optimizer;
  const learningRate = inner instanceof MultiOptimizer ? null : inner.learningRate;
  return { iteration: optimizer.iterations, learningRate, lossScale };
}

/** Of an optimizer that the file does not name: Keras saves the iteration first, then the learning rate
 * if it is constant. Under a schedule, a first weight of rank 0 would pass for one. */
function storedState(arrays: readonly KerasArray[], config: unknown): State {
  const scalarAt = (path: string): number | null =>
    arrays.find((array) => array.path === path && array.shape.length === 0)?.values()[0] ?? null;
  const isScaled = arrays.some(({ path }) => path.startsWith(INNER_STATE));
  const folder = isScaled ? INNER_STATE : STATE;
  const lossScale = isScaled ? scalarAt(`${STATE}/3`) : null;
  // Under a schedule, which only a config tells, there is none, and a slot of a scalar weight may be in its place.
  const { optimizer } = Object(Object(config).compile_config);
  const saved: unknown = Object(Object(optimizer).config).learning_rate;
  const mayBeSlot = arrays.some(({ path, shape }) => shape.length === 0 && !path.startsWith("optimizer/"));
  const isConstant = isOfSeveral(optimizer) ? false : saved === undefined ? !mayBeSlot : typeof saved === "number";
  const learningRate = isConstant ? scalarAt(`${folder}/1`) : null;
  return { iteration: scalarAt(`${folder}/0`), learningRate, lossScale };
}

function arrayReport({ name, shape, dtype, values }: ListedArray): ArrayReport {
  let [min, max, nonFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) nonFinite++;
    else [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  const finite = min <= max;
  if (values.length < sizeOf(shape)) return { name, shape, dtype, min: null, max: null, nonFinite: null };
  return { name, shape, dtype, min: finite ? min : null, max: finite ? max : null, nonFinite };
}
