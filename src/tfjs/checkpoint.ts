// saveCheckpoint and loadCheckpoint for TensorFlow.js: the format is that of every face, and so a run can go from one to another.

import * as tf from "@tensorflow/tfjs-core";
import { type Argument, type Arguments, argumentsOf } from "../check/argument.js";
import { ownView } from "../check/built-ins.js";
import { checkedBytes, checkLoadOptions, checkMetadata } from "../checkpoint/check-arguments.js";
import { liveOptimizer } from "../checkpoint/live-optimizer.js";
import { giveRun, type Held, type Live, type Naming, takeRun } from "../checkpoint/run-transfer.js";
import { joined } from "../checkpoint/safetensors.js";
import { type LoadOptions, readRun, writeRun } from "../checkpoint/saved-run.js";
import { checkTensorVariable } from "./gradients.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import { OptimizerOfTensors } from "./optimizer.js";
import type { Optimizer } from "./optimizer-class.js";
import { trainingOf } from "./training.js";

/** An optimizer of this module. */
export type AnyOptimizer = Optimizer | LossScaleOptimizer;

/**
 * A run as bytes in the safetensors format: the variables, every slot, the counters, the loss scale, and the optimizer's
 * config. `loadCheckpoint` goes on from it in every bit. The same state gives the same bytes.
 *
 * @param variables all that were trained so far, and any others that belong to the run; by default the trained ones. Of a
 *   LayersModel: `model.weights.map((weight) => weight.read())`, which also has what is not trained.
 * @param metadata texts of your own, such as the epoch
 */
export function saveCheckpoint(
  optimizer: AnyOptimizer,
  variables: readonly tf.Variable[] = optimizer.trainedVariables,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const argument = argumentsOf("saveCheckpoint");
  checkOptimizer(argument("optimizer"), optimizer);
  const held = heldOf(argument, variables);
  trainingOf(optimizer).run.takeWaiting(variables);
  const texts = checkMetadata(argument("metadata"), metadata);
  return joined(writeRun(argument, takeRun(argument("variables"), liveOf(optimizer), held, texts)));
}

/**
 * Restores what `saveCheckpoint` gave; returns the texts that were passed to it.
 *
 * Everything is checked first. Throws a RangeError for bytes that are no whole checkpoint, and StateMismatchError, with
 * both lists, for one that does not fit; then nothing has changed.
 *
 * @param optimizer of the same class and options; it may have been trained, or be new
 * @param variables of the same shapes. They are found by name where both sides have the same names, else by order
 * @param options `{ checksum: false }` takes numbers that another program has changed, or damage
 */
export function loadCheckpoint(
  bytes: Uint8Array,
  optimizer: AnyOptimizer,
  variables: readonly tf.Variable[],
  options: LoadOptions = {},
): Readonly<Record<string, string>> {
  const argument = argumentsOf("loadCheckpoint");
  const file = checkedBytes(argument("bytes"), bytes);
  checkOptimizer(argument("optimizer"), optimizer);
  const saved = readRun(argument("bytes"), file, checkLoadOptions(argument, options));
  const held = heldOf(argument, variables);
  trainingOf(optimizer).run.saved.replacing(() => giveRun(saved, liveOf(optimizer), held, NAMING));
  return saved.metadata;
}

function checkOptimizer(argument: Argument, received: unknown): void {
  if (received instanceof OptimizerOfTensors || received instanceof LossScaleOptimizer) return;
  const remedy = 'Pass an optimizer of "rmsprop/tfjs"; for those of core there is "rmsprop".';
  throw argument.badKind("be an optimizer of this package", received, remedy);
}

function liveOf(optimizer: AnyOptimizer): Live<tf.Variable> {
  const { run } = trainingOf(optimizer);
  return { ...liveOptimizer(optimizer, run), isBuilt: run.variables.length > 0 };
}

function heldOf(argument: Arguments, variables: readonly tf.Variable[]): Held<tf.Variable>[] {
  const items = argument("variables").items(variables, "Pass [variable], even for one.");
  for (const [i, variable] of items.entries()) {
    checkTensorVariable(argument("variable"), variable);
    if (items.indexOf(variable) === i) continue;
    throw argument("variables").badValue("not hold a variable twice", variable.name, "Pass each variable once.");
  }
  return items.map((key) => ({
    ...{ key, name: key.name, dtype: "float32" as const, shape: key.shape, isFlat: false },
    traits: key.trainable ? {} : { trainable: false },
    read: () => ownView(key.dataSync<"float32">()),
    // Of a tf.Variable, which is float32.
    write: (values) => tf.tidy(() => key.assign(tf.tensor(values.slice() as Float32Array, key.shape))),
  }));
}

/** The numbers in names count what a process has made; `"rmsprop"` keeps the parts of a path. */
const NAMING: Naming = { identifies: () => true, agree: (saved, given) => comparable(saved) === comparable(given) };

const comparable = (name: string): string => name.replaceAll("/", "_").replaceAll(/_?\d+/g, "");
