// inspect/: what a file holds, for the command `rmsprop` and for the page.
//
// What the bytes of a file hold, as data. Nothing of it is run, and no objects are made of its config but Keras' own.

import { Argument } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
import { readSafetensors, type Tensor } from "../checkpoint/safetensors.js";
import { checksumHolds, savedRunOf } from "../checkpoint/saved-run.js";
import type { KerasArray } from "../keras/hdf5/read.js";
import { INNER_STATE, STATE } from "../keras/optimizer.js";
import { LossScaleOptimizer } from "../plain/loss-scale.js";
import type { AnyOptimizer } from "../plain/registry.js";

/** An array and its elements in figures; `min` and `max` are of the finite ones, null where there are none. */
export interface ArrayReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly nonFinite: number;
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
  readonly config: unknown;
  readonly iteration: number | null;
  /** Null while a schedule or function gives it. */
  readonly learningRate: number | null;
  readonly lossScale: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: readonly ArrayReport[];
}

type Facts = Omit<Report, "file" | "byteLength">;

/** Says what bytes are by the first of them. Throws an Error that names `file`, which is where they come from. */
export async function reportOf(file: string, bytes: Uint8Array): Promise<Report> {
  try {
    const facts = isOfKeras(bytes) ? await kerasFacts(bytes) : checkpointFacts(bytes);
    return { file, byteLength: bytes.byteLength, ...facts };
  } catch (cause) {
    throw new Error(`${JSON.stringify(file)}: ${reasonOf(cause)}`, { cause });
  }
}

const ZIP = [0x50, 0x4b];
const HDF5 = [0x89, 0x48, 0x44, 0x46];

function isOfKeras(bytes: Uint8Array): boolean {
  return [ZIP, HDF5].some((start) => start.every((byte, i) => bytes[i] === byte));
}

function checkpointFacts(bytes: Uint8Array): Facts {
  // After the eight bytes of its length, a checkpoint has JSON.
  if (bytes[8] !== "{".charCodeAt(0)) throw new Error("it is neither a checkpoint nor a .keras or .weights.h5 file");
  const argument = new Argument("inspect", "bytes");
  const tensors = readSafetensors(argument, bytes);
  const saved = savedRunOf(argument, tensors);
  const { className, optimizer, variables, counters, slots, metadata } = saved;
  const counter = (name: string): number | null =>
    counters.filter((tensor) => tensor.name === name).at(-1)?.values[0] ?? null;
  const arrays = [
    ...variables.map((variable) => ({ ...variable, name: `variables/${variable.name}` })),
    ...slots.map(({ kind, index, tensor }) => ({ ...tensor, name: `${kind}/${variables[index]?.name ?? index}` })),
  ];
  return {
    ...{ kind: "checkpoint", formatVersion: 1, checksumHolds: checksumHolds(tensors) },
    ...{ optimizer: className, problem: null, config: optimizer?.config ?? null },
    iteration: counter("iteration"),
    learningRate: counter("learning_rate"),
    lossScale: counter("dynamic_scale"),
    metadata,
    arrays: arrays.map(arrayReport),
  };
}

async function kerasFacts(bytes: Uint8Array): Promise<Facts> {
  // Only here, since it takes packages that not everybody has.
  const { readKeras } = await import("../keras/read.js");
  const file = await readKeras(bytes);
  try {
    const { format, config, optimizer, optimizerProblem, arrays } = file;
    return {
      ...{ kind: `Keras' .${format}`, formatVersion: null, checksumHolds: null },
      ...{ optimizer: optimizer?.className ?? null, problem: optimizerProblem },
      config: optimizer?.getConfig() ?? config,
      ...(optimizer === null ? storedState(arrays) : stateOf(optimizer)),
      metadata: {},
      arrays: arrays.map((array) => arrayReport({ ...array, name: array.path, values: array.values() })),
    };
  } finally {
    file.dispose();
  }
}

type State = Pick<Facts, "iteration" | "learningRate" | "lossScale">;

function stateOf(optimizer: AnyOptimizer): State {
  const lossScale = optimizer instanceof LossScaleOptimizer ? optimizer.dynamicScale : null;
  return { iteration: optimizer.iterations, learningRate: optimizer.learningRate, lossScale };
}

/** Of an optimizer that the file does not name: Keras saves the iteration first, then the learning rate
 * if it is constant. Under a schedule, a first weight of rank 0 would pass for one. */
function storedState(arrays: readonly KerasArray[]): State {
  const scalarAt = (path: string): number | null =>
    arrays.find((array) => array.path === path && array.shape.length === 0)?.values()[0] ?? null;
  const isScaled = arrays.some(({ path }) => path.startsWith(INNER_STATE));
  const folder = isScaled ? INNER_STATE : STATE;
  const lossScale = isScaled ? scalarAt(`${STATE}/3`) : null;
  return { iteration: scalarAt(`${folder}/0`), learningRate: scalarAt(`${folder}/1`), lossScale };
}

function arrayReport({ name, shape, dtype, values }: Omit<Tensor, "dtype"> & { readonly dtype: string }): ArrayReport {
  let [min, max, nonFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) nonFinite++;
    else [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  const finite = min <= max;
  return { name, shape, dtype, min: finite ? min : null, max: finite ? max : null, nonFinite };
}
