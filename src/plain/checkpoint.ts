// saveCheckpoint and loadCheckpoint: a run over numbers in memory as bytes, and back. How a run is taken and given back is in
// checkpoint/; making objects from a checkpoint alone is in checkpoint-objects.ts.

import { type Argument, type Arguments, argumentsOf } from "../check/argument.js";
import { checkedBytes, checkLoadOptions, checkMetadata } from "../checkpoint/check-arguments.js";
import { liveOptimizer } from "../checkpoint/live-optimizer.js";
import {
  checkExpectedState,
  type ExpectedState,
  giveRun,
  type Held,
  type Naming,
  takeRun,
} from "../checkpoint/run-transfer.js";
import { joined } from "../checkpoint/safetensors.js";
import { type LoadOptions, readRun, writeRun } from "../checkpoint/saved-run.js";
import { DynamicScale } from "../core/scale/dynamic-scale.js";
import type { CustomObjects } from "../core/serialization.js";
import { stateOf } from "../core/state/own-state.js";
import { scaleVariables } from "../core/state/state-variables.js";
import { defaultEngine } from "../engine/default-engine.js";
import { createOptimizer, createVariable, traitsOf } from "./checkpoint-objects.js";
import { targetsOf, type VariableLike } from "./inputs/targets.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import { MultiOptimizer } from "./multi/optimizer.js";
import { type AnyOptimizer, isOptimizer } from "./registry.js";
import { hostRunOf } from "./run.js";
import { isVariable } from "./variable-memory.js";

/** What `loadCheckpoint` gives. */
export interface LoadedCheckpoint {
  /** The optimizer that was passed, or a new one. */
  readonly optimizer: AnyOptimizer;
  /** The variables that were passed, or new ones; arrays come back as arrays. */
  readonly variables: VariableLike[];
  /** The texts that were passed to `saveCheckpoint`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * A run as bytes in the safetensors format: all variables, every slot, the counters, the loss scale, and the optimizer's
 * config. `loadCheckpoint` goes on from it in every bit. The same state gives the same bytes.
 *
 * @param variables all that the optimizer trains, and any others that belong to the run. Their order is kept.
 * @param metadata texts of your own, such as the epoch. Keys that begin with `rmsprop.` are taken.
 */
export function saveCheckpoint(
  optimizer: AnyOptimizer,
  variables: readonly VariableLike[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return joined(checkpointPieces(argumentsOf("saveCheckpoint"), optimizer, variables, metadata));
}

/** The bytes of a checkpoint in pieces, which are views of live memory: to be written before anything changes. */
export function checkpointPieces(
  argument: Arguments,
  optimizer: AnyOptimizer,
  variables: readonly VariableLike[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  checkOptimizer(argument("optimizer"), optimizer);
  const named = argument("variables");
  const texts = checkMetadata(argument("metadata"), metadata);
  return writeRun(
    argument,
    takeRun(named, liveOptimizer(optimizer, hostRunOf(optimizer)), heldOf(named, variables), texts),
  );
}

/**
 * Restores what `saveCheckpoint` gave.
 *
 * Everything is checked first. Throws a RangeError for bytes that are no whole checkpoint, and StateMismatchError, with
 * both lists, for one that does not fit; then nothing has changed.
 *
 * @param optimizer is built if it is not; its options stay its own, a learning rate that is a number is restored. With
 *   null, one is made of the saved config.
 * @param variables of the same types and shapes. They are found by name where all of both sides have one of their own,
 *   else by order. With null, those that the optimizer was built with, or new ones.
 * @param customObjects classes and functions of one's own by name, as for `deserialize`; constraints too
 * @param options `{ checksum: false }` takes numbers that another program has changed, or damage
 */
export function loadCheckpoint(
  bytes: Uint8Array,
  optimizer: AnyOptimizer | null = null,
  variables: readonly VariableLike[] | null = null,
  customObjects: CustomObjects = {},
  options: LoadOptions = {},
): LoadedCheckpoint {
  const argument = argumentsOf("loadCheckpoint");
  const file = checkedBytes(argument("bytes"), bytes);
  if (optimizer !== null) checkOptimizer(argument("optimizer"), optimizer);
  const saved = readRun(argument("bytes"), file, checkLoadOptions(argument, options));
  const made: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(object: T): T => {
    made.push(object);
    return object;
  };
  try {
    const own = optimizer ?? keep(createOptimizer(saved, customObjects));
    const live = { ...liveOptimizer(own, hostRunOf(own)), isNew: optimizer === null };
    const given = variables ?? (own.built ? live.run.variables : null);
    const expected = given === null ? expectedStateOf(own) : null;
    if (expected !== null) checkExpectedState(saved, live, expected);
    const created = given === null ? saved.variables.map((each) => createVariable(each, customObjects, keep)) : [];
    const held = heldOf(argument("variables"), given ?? created);
    giveRun(saved, live, held, NAMING);
    return { optimizer: own, variables: held.map(({ key }) => key), metadata: saved.metadata };
  } catch (error) {
    for (const object of made) object.dispose();
    throw error;
  }
}

function checkOptimizer(argument: Argument, received: unknown): void {
  if (isOptimizer(received)) return;
  const remedy = 'Pass an optimizer of "rmsprop"; for those of TensorFlow.js there is "rmsprop/tfjs".';
  throw argument.badKind("be an optimizer", received, remedy);
}

/** What an optimizer will have when it is built; null where code of the user's says it of each variable. */
function expectedStateOf(optimizer: AnyOptimizer): ExpectedState | null {
  const isScaled = optimizer instanceof LossScaleOptimizer;
  const own = isScaled ? scaleVariables(optimizer.name, new DynamicScale({})) : [];
  const inner = isScaled ? optimizer.innerOptimizer : optimizer;
  const map = inner instanceof MultiOptimizer ? inner.optimizerMap : null;
  if (typeof map === "function") return null;
  return {
    counters: [...own, ...stateOf(inner).list()],
    // Of a path of TensorFlow.js, a Variable keeps the parts.
    slotsFor: ({ name, overwriteWithGradient }) =>
      hostRunOf(map?.get(name.replaceAll("/", "_")) ?? inner).state.kindsFor({ overwriteWithGradient }),
  };
}

function heldOf(argument: Argument, variables: readonly VariableLike[]): Held<VariableLike>[] {
  const engine = defaultEngine();
  return targetsOf(argument, variables, engine).map(({ key, name, dtype, shape, array }) => ({
    // The keys are from the list.
    ...{ name, dtype, shape, isFlat: !isVariable(key), traits: traitsOf(key as VariableLike) },
    key: key as VariableLike,
    read: () => engine.read(array),
    write: (values) => engine.write(array, values),
  }));
}

/** Names that were not given by the user say nothing: they count what a process has made. */
const NAMING: Naming = {
  identifies: (name) => !isAutomatic(name),
  // A variable of TensorFlow.js may have a path for a name, of which a Variable keeps the parts.
  agree: (saved, given) => saved.replaceAll("/", "_") === given || isAutomatic(saved) || isAutomatic(given),
};

const isAutomatic = (name: string): boolean => /^variable(_\d+)?$/.test(name);
