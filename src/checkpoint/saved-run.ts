// checkpoint/: a run as bytes: the safetensors format, what a checkpoint holds, and how a run is taken and given back.
//
// What a checkpoint holds, and under which names: a run as data, to and from the arrays and texts of a safetensors file.
// How a run is taken from live objects and given back to them is in run-transfer.ts.
//
// Arrays: `variables/<index>/<name>`, `counters/<index>/<name>`, `slots/<kind>/<index of the variable>/<name>`.
// Metadata: `rmsprop.version`, and JSON in `rmsprop.optimizer` (as `serialize` gives it; null where it cannot be written),
// `rmsprop.options` (those that Keras' JSON has no place for, if any are set), `rmsprop.class`, `rmsprop.trained` (indices in the
// optimizer's order; null before it is built), `rmsprop.traits` and `rmsprop.checksum`.
import { type Argument, type Arguments, quoted } from "../check/argument.js";
import { isInt32Array } from "../check/built-ins.js";
import { isJsonObject, JSON_RULES, type Json, JsonError, parseJson } from "../check/json.js";
import type { KerasConfig, SerializedObject } from "../core/serialization.js";
import type { FloatArray } from "../engine/engine.js";
import { checksumOf } from "./checksum.js";
import {
  badBytes,
  type Fail,
  type HeaderLimits,
  readSafetensors,
  safetensorsPieces,
  type Tensor,
  type Tensors,
} from "./safetensors.js";

/** The version of the format that is written, and the newest that is read. */
const VERSION = 1;
const PREFIX = "rmsprop.";
const CHECKSUM = `${PREFIX}checksum`;
/** The texts that are no user's, but its own. */
const isSummed = (key: string): boolean => key.startsWith(PREFIX) && key !== CHECKSUM;

/** How a checkpoint is read. */
export interface LoadOptions {
  /** Whether its numbers have to be those that were saved, which takes a pass over them; by default true. */
  readonly checksum?: boolean | undefined;
  /** Ceilings for what the file may ask for. */
  readonly limits?: CheckpointLimits | undefined;
}

/** Ceilings for what a checkpoint may make `loadCheckpoint` do, as far as its size does not say it. */
export interface CheckpointLimits {
  /** Bytes of its header, where names, shapes and texts are. Default 32 MiB. */
  readonly headerByteLength?: number | undefined;
  /** It has fewer arrays than these, slots included. Default 65,536. */
  readonly arrays?: number | undefined;
}

/** Options past their check. */
export interface ResolvedLoadOptions {
  readonly checksum: boolean;
  readonly limits: HeaderLimits;
}

/** What a variable is besides its values; what is left out is as in a new Variable. */
export interface Traits {
  readonly trainable?: boolean;
  readonly overwriteWithGradient?: boolean;
  /** Whether weight decay takes from it. */
  readonly decays?: boolean;
  /** As Keras writes constraints; `config` is null for a function. */
  readonly constraint?: { readonly class_name: string; readonly config: Json };
  /** It was an array of the user's. */
  readonly array?: boolean;
  /** Which part of an optimizer of several trains it. */
  readonly part?: number;
}

export interface SavedVariable extends Tensor {
  readonly dtype: "float32" | "float64";
  readonly values: FloatArray;
  readonly traits: Traits;
}

interface SavedSlot {
  readonly kind: string;
  /** The index of its variable. */
  readonly index: number;
  readonly tensor: Tensor;
}

/** A run as data. Counters and slots are in the order of the optimizer's variables. */
export interface SavedRun {
  readonly className: string;
  readonly optimizer: SerializedObject | null;
  /** Options that are in no JSON of Keras. */
  readonly options: KerasConfig;
  readonly variables: readonly SavedVariable[];
  /** The variables that the optimizer was built with, in its order; null before it is built. */
  readonly trained: readonly number[] | null;
  readonly counters: readonly Tensor[];
  readonly slots: readonly SavedSlot[];
  /** Texts of the user's. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a checkpoint, in pieces. Throws a RangeError for names that no JSON can hold. */
export function writeRun(argument: Arguments, run: SavedRun): Uint8Array[] {
  const { className, optimizer, options, variables, trained, counters, slots } = run;
  const traits = variables.flatMap((variable, index) =>
    Object.keys(variable.traits).length === 0 ? [] : [{ index, ...variable.traits }],
  );
  const beside = Object.keys(options).length === 0 ? {} : { options };
  const own = Object.entries({ version: VERSION, class: className, optimizer, ...beside, trained, traits });
  const named = Object.fromEntries(own.map(([key, value]) => [PREFIX + key, JSON.stringify(value)]));
  const tensors = [
    ...variables.map(({ traits: _, ...tensor }, i) => ({ ...tensor, name: `variables/${i}/${tensor.name}` })),
    ...counters.map((tensor, i) => ({ ...tensor, name: `counters/${i}/${tensor.name}` })),
    ...slots.map(({ kind, index, tensor }) => ({
      ...tensor,
      name: `slots/${kind}/${index}/${variables[index]?.name}`,
    })),
  ];
  for (const { name } of tensors) checkKey(argument("name"), name);
  const texts = userTexts(argument("metadata"), run.metadata);
  const checksum = JSON.stringify(checksumOf({ metadata: named, tensors }, isSummed));
  const metadata = { ...named, [CHECKSUM]: checksum, ...Object.fromEntries(texts) };
  return safetensorsPieces(argument, { metadata, tensors });
}

/** Whether only a newer version of this package can read it. */
export const isNewer = (metadata: Tensors["metadata"]): boolean => versionOf(metadata) > VERSION;

/** The run in a checkpoint. Throws a RangeError that says what is missing or does not agree. */
export function readRun(argument: Argument, bytes: Uint8Array, { checksum, limits }: ResolvedLoadOptions): SavedRun {
  const tensors = readSafetensors(argument, bytes, limits);
  const run = savedRunOf(argument, tensors);
  if (!checksum || checksumHolds(tensors) !== false) return run;
  const remedy = "If another program changed them on purpose, pass { checksum: false }; else take another checkpoint.";
  throw badBytes(argument, "hold the numbers that were saved", "others, as its checksum says", remedy);
}

/** Whether numbers, names and config are those that were saved; null for a file without a checksum. */
export function checksumHolds(tensors: Tensors): boolean | null {
  const saved = tensors.metadata[CHECKSUM];
  return saved === undefined ? null : saved === JSON.stringify(checksumOf(tensors, isSummed));
}

/** As `readRun`, of what was read. */
export function savedRunOf(argument: Argument, { metadata, tensors }: Tensors): SavedRun {
  checkVersion(argument, metadata);
  const fail: Fail = (problem) => {
    throw badBytes(argument, `be a checkpoint ${problem}`, "another one");
  };
  const jsonAt = (key: string): Json => ownJson(metadata, key, fail);
  const groups = grouped(tensors, fail);
  const variables = variablesOf(groups.variables, jsonAt("traits"), fail);
  const trained = jsonAt("trained");
  if (trained !== null && !isIndices(trained, variables.length))
    return fail("whose trained variables are in it, each once");
  const className = jsonAt("class");
  if (typeof className !== "string" || className.length > JSON_RULES.keyLength) return fail("that names its optimizer");
  const options = `${PREFIX}options` in metadata ? jsonAt("options") : {};
  if (!isJsonObject(options)) return fail("whose options are an object");
  return {
    ...{ className, options, variables, trained },
    // What it is made of is checked by those who make an optimizer of it.
    optimizer: jsonAt("optimizer") as SerializedObject | null,
    counters: inOrder(groups.counters, fail),
    slots: slotsOf(groups.slots, { variables, trained }, fail),
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !key.startsWith(PREFIX))),
  };
}

function versionOf(metadata: Tensors["metadata"]): number {
  const text = metadata[`${PREFIX}version`] ?? "";
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
}

/** Throws a RangeError for what is no checkpoint, or one that only a newer version can read. */
function checkVersion(argument: Argument, metadata: Tensors["metadata"]): void {
  const version = versionOf(metadata);
  if (version <= VERSION) return;
  if (isNewer(metadata)) {
    const remedy = "Update rmsprop: a newer version of it wrote this file.";
    throw badBytes(argument, `be a checkpoint of version ${VERSION} or older`, `version ${version}`, remedy);
  }
  const received = "a safetensors file without rmsprop.version";
  throw badBytes(argument, "be a checkpoint of this package", received, "Pass what saveCheckpoint gave.");
}

/** A text of the user's, or a name, can be written as it is. */
function checkText(argument: Argument, received: string): void {
  // Half of a surrogate pair has no UTF-8.
  if (!/\p{Surrogate}/u.test(received)) return;
  throw argument.badValue("be well-formed Unicode", received, "Remove halves of surrogate pairs.");
}

/** It can be a key of the file. */
function checkKey(argument: Argument, received: string): void {
  checkText(argument, received);
  if (received.length <= JSON_RULES.keyLength) return;
  throw argument.badValue(`have at most ${JSON_RULES.keyLength} characters`, received, "Shorten it.");
}

function userTexts(argument: Argument, metadata: Readonly<Record<string, string>>): [string, string][] {
  // Sorted, since other readers and writers of the format keep no order.
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, text]) => {
    checkKey(argument, key);
    checkText(argument.field(key), text);
    if (key !== "__proto__" && !key.startsWith(PREFIX)) return [key, text];
    throw argument.badValue(`have keys that do not begin with ${PREFIX}`, key, "Rename it.");
  });
}

function ownJson(metadata: Tensors["metadata"], key: string, fail: Fail): Json {
  const text = metadata[PREFIX + key];
  if (text === undefined) return fail(`with ${PREFIX}${key} in its metadata`);
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return fail(`whose ${PREFIX}${key} is JSON: it ${error.message}`);
  }
}

/** Arrays whose names are `<group>/[<kind>/]<index>/<their own>`; the kind of what is no slot is empty. */
type Groups = Readonly<Record<"variables" | "counters" | "slots", SavedSlot[]>>;

const PLACED = /^(?:(variables|counters)|slots\/([^/]+))\/(0|[1-9]\d{0,8})\/(.*)$/s;

function grouped(tensors: readonly Tensor[], fail: Fail): Groups {
  const groups: Groups = { variables: [], counters: [], slots: [] };
  for (const tensor of tensors) {
    const match = PLACED.exec(tensor.name);
    if (!match) return fail(`with nothing but variables, counters and slots, not ${quoted(tensor.name)}`);
    const [, group = "slots", kind = "", index = "", name = ""] = match;
    groups[group as keyof Groups].push({ kind, index: Number(index), tensor: { ...tensor, name } }); // PLACED has no others
  }
  for (const group of Object.values(groups)) group.sort((a, b) => a.index - b.index);
  return groups;
}

/** The arrays of a group that is numbered without gaps. */
function inOrder(group: readonly SavedSlot[], fail: Fail): Tensor[] {
  return group.map(({ index, tensor }, i) => {
    return index === i ? tensor : fail(`whose variables and counters are numbered from 0, each once`);
  });
}

function variablesOf(group: readonly SavedSlot[], json: Json, fail: Fail): SavedVariable[] {
  const traits = traitsByIndex(json, group.length, fail);
  return inOrder(group, fail).map(({ dtype, values, ...tensor }, i) => {
    if (dtype === "int32" || dtype === "int64" || isInt32Array(values)) return fail("whose variables are floats");
    return { ...tensor, dtype, values, traits: traits.get(i) ?? {} };
  });
}

const FLAGS = ["trainable", "overwriteWithGradient", "decays", "array"];

function traitsByIndex(json: Json, count: number, fail: Fail): Map<number, Traits> {
  const traits = new Map<number, Traits>();
  if (!isList(json)) return fail("whose traits are a list");
  for (const item of json) {
    if (!isJsonObject(item)) return fail("whose traits are objects");
    const { index, constraint, part = 0, ...flags } = item;
    const known = Object.entries(flags).every(([key, value]) => FLAGS.includes(key) && typeof value === "boolean");
    const isConstraint =
      isJsonObject(constraint) && typeof constraint.class_name === "string" && "config" in constraint;
    const isPart = Number.isInteger(part) && Number(part) >= 0;
    if (!isIndices([index ?? null], count) || !known || !isPart || !(constraint === undefined || isConstraint)) {
      return fail("whose traits are those of its variables");
    }
    if (traits.has(Number(index))) return fail("that gives the traits of a variable once");
    traits.set(Number(index), item as Traits); // All of its fields were checked.
  }
  return traits;
}

/** Slots by kind and variable, in the order in which the optimizer has its variables; each of the type of its variable. */
function slotsOf(group: readonly SavedSlot[], run: Pick<SavedRun, "variables" | "trained">, fail: Fail): SavedSlot[] {
  const places = new Map(run.trained?.map((index, place) => [index, place]));
  const seen = new Set<string>();
  for (const { kind, index, tensor } of group) {
    const { dtype, shape } = run.variables[index] ?? {};
    const about = `${quoted(kind)} of variable ${index}`;
    if (!places.has(index)) return fail(`whose slots belong to trained variables, which ${about} does not`);
    if (dtype !== tensor.dtype || String(shape) !== String(tensor.shape))
      return fail(`where ${about} has its type and shape`);
    if (seen.has(`${index} ${kind}`)) return fail(`that holds ${about} once`);
    seen.add(`${index} ${kind}`);
  }
  return [...group].sort((a, b) => (places.get(a.index) ?? 0) - (places.get(b.index) ?? 0));
}

function isIndices(value: Json, count: number): value is readonly number[] {
  if (!isList(value) || new Set(value).size !== value.length) return false;
  return value.every((index) => typeof index === "number" && Number.isInteger(index) && index >= 0 && index < count);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
