// The safetensors format: named arrays and texts about them as bytes, and back. Reading trusts nothing that it is told.
// What a checkpoint puts into it is in saved-run.ts.
//
// Eight bytes hold the length of a header, little-endian; the header is JSON and gives each array's type, shape and place
// in the rest, `{ dtype, shape, data_offsets: [begin, end] }`. Source: huggingface/safetensors, README.md, "Format".

import { type Argument, type Arguments, quoted, Verbatim } from "../check/argument.js";
import { isJsonObject, JSON_RULES, type Json, JsonError, type JsonObject, parseJson } from "../check/json.js";
import { sizeOf } from "../check/lists.js";
import type { FloatArray } from "../engine/engine.js";

/** The element types that checkpoints hold. */
type ElementType = "float64" | "float32" | "int32" | "int64";

/** A named array, in C order. */
export interface Tensor {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Those of `"int64"` as exact numbers in a Float64Array. */
  readonly values: FloatArray | Int32Array;
}

/** What a file holds. */
export interface Tensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly Tensor[];
}

/** What a file may ask for. */
export interface HeaderLimits {
  /** Bytes of its header, where names and shapes are. */
  readonly headerByteLength: number;
  /** How many arrays it has fewer than. */
  readonly arrays: number;
}

/** The greatest header that is written: 40,000 variables with all slots have one of that size. */
const MAX_HEADER = 32 * 2 ** 20;
/** So many are made in a second. */
const MAX_ARRAYS = 2 ** 16;
export const HEADER_LIMITS: HeaderLimits = { headerByteLength: MAX_HEADER, arrays: MAX_ARRAYS };
/** The most axes of an array: a shape is printed in messages, and arrays of that many axes are nested when printed. */
const MAX_RANK = 64;
const PREFIX = 8;
/** How many values of JSON there may be for each array. */
const VALUES_PER_ARRAY = 32;
/** An object, a type, two lists and two places. */
const VALUES_OF_ARRAY = 6;
const METADATA = "__metadata__";

const CODES: Readonly<Record<ElementType, string>> = { float64: "F64", float32: "F32", int32: "I32", int64: "I64" };
// A key of that table.
const TYPES = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as ElementType]));
/** How elements lie in the file. */
const ARRAYS = { float64: Float64Array, float32: Float32Array, int32: Int32Array, int64: BigInt64Array } as const;

const isWide = ({ dtype }: Tensor): boolean => ARRAYS[dtype].BYTES_PER_ELEMENT === 8;

/**
 * The file in pieces, to be written one after the other; all but the first are the arrays themselves, not copies.
 *
 * The same arrays in the same order give the same bytes. Arrays of eight-byte elements come first, so that all are
 * aligned.
 */
export function safetensorsPieces(argument: Arguments, { metadata, tensors }: Tensors): Uint8Array[] {
  const ordered = [...tensors.filter(isWide), ...tensors.filter((tensor) => !isWide(tensor))];
  let end = 0;
  const entries = ordered.map(({ name, dtype, shape, values }) => {
    checkRank(argument("shape"), name, shape);
    const begin = end;
    end += values.byteLength;
    return [name, { dtype: CODES[dtype], shape, data_offsets: [begin, end] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[METADATA, metadata], ...entries])));
  checkCount(argument("variables"), tensors, Object.keys(metadata).length);
  return [framed(argument("variables"), json), ...ordered.map(bytesOf)];
}

/** Pieces as one array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

/**
 * What a file holds. Arrays are views of `bytes` where they are aligned, copies elsewhere. Everything is checked before
 * memory is taken: throws a RangeError that says what is wrong.
 */
export function readSafetensors(argument: Argument, bytes: Uint8Array, limits: HeaderLimits = HEADER_LIMITS): Tensors {
  const header = headerOf(argument, bytes, bytes.byteLength, limits);
  const data = bytes.subarray(header.end);
  const tensors = header.entries.map((entry) => ({ ...entry, values: valuesIn(argument, data, entry) }));
  return { metadata: header.metadata, tensors };
}

/** How many bytes `readHeader` needs of a file that begins with these eight. */
export const startLength = (prefix: Uint8Array): number => PREFIX + Math.min(MAX_HEADER, headerLength(prefix));

/** As `readSafetensors`, of the beginning of a file of so many bytes: its arrays have no elements. */
export function readHeader(argument: Argument, start: Uint8Array, byteLength: number): Tensors {
  const { metadata, entries } = headerOf(argument, start, byteLength, HEADER_LIMITS);
  return { metadata, tensors: entries.map((entry) => ({ ...entry, values: new Float32Array(0) })) };
}

/** The error for bytes that are no checkpoint; `received` is shown as it is. */
export function badBytes(
  argument: Argument,
  requirement: string,
  received: string,
  remedy = "Take another checkpoint.",
): RangeError {
  return argument.badValue(requirement, new Verbatim(received), remedy);
}

/** Where an array lies, in bytes after the header. */
interface Entry extends Omit<Tensor, "values"> {
  readonly begin: number;
  readonly end: number;
}

interface Header {
  readonly metadata: Tensors["metadata"];
  readonly entries: readonly Entry[];
  /** Where the data begin. */
  readonly end: number;
}

function checkRank(argument: Argument, name: string, { length: received }: readonly number[]): void {
  if (received <= MAX_RANK) return;
  const requirement = `have at most ${MAX_RANK} axes; ${name} has more`;
  throw argument.badValue(requirement, received, "Give the variable another shape.");
}

/** The header has no more keys and values than are read. */
function checkCount(argument: Argument, tensors: readonly Tensor[], texts: number): void {
  const values = tensors.reduce((count, { shape }) => count + VALUES_OF_ARRAY + shape.length, texts + 2);
  if (tensors.length < MAX_ARRAYS && values <= VALUES_PER_ARRAY * MAX_ARRAYS) return;
  const received = new Verbatim(`${tensors.length} arrays`);
  throw argument.badValue(`give less than ${MAX_ARRAYS} arrays, slots included`, received, "Save them in parts.");
}

function framed(argument: Argument, json: Uint8Array): Uint8Array {
  const length = Math.ceil(json.byteLength / PREFIX) * PREFIX;
  if (length > MAX_HEADER) {
    const received = new Verbatim(`some of ${json.byteLength} bytes`);
    const remedy = "Shorten the names, or save the variables in parts.";
    throw argument.badValue(`have names and shapes that fit in ${MAX_HEADER} bytes of JSON`, received, remedy);
  }
  const bytes = new Uint8Array(PREFIX + length).fill(" ".charCodeAt(0));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, PREFIX);
  return bytes;
}

function headerOf(argument: Argument, start: Uint8Array, byteLength: number, limits: HeaderLimits): Header {
  const fail: Fail = (problem) => {
    throw badBytes(argument, `be a whole safetensors file: ${problem}`, `${byteLength} bytes`);
  };
  if (byteLength < PREFIX) return fail(`it has at least ${PREFIX} bytes`);
  const length = headerLength(start);
  const { headerByteLength: most } = limits;
  if (length > most) return fail(`its header has at most limits.headerByteLength=${most} bytes, not ${length}`);
  const end = PREFIX + length;
  if (end > byteLength) return fail(`its header has ${length} bytes, which are not all there`);
  const header = parseHeader(start.slice(PREFIX, end), limits, fail);
  checkPlaces(header.entries, byteLength - end, fail);
  return { ...header, end };
}

/** May be any number: it is what the file says. */
function headerLength(prefix: Uint8Array): number {
  return Number(new DataView(prefix.buffer, prefix.byteOffset, PREFIX).getBigUint64(0, true));
}

export type Fail = (problem: string) => never;

function parseHeader(bytes: Uint8Array, { arrays }: HeaderLimits, fail: Fail): Omit<Header, "end"> {
  const json = parsed(bytes, arrays, fail);
  if (!isJsonObject(json)) return fail("its header is an object");
  const { [METADATA]: metadata = {}, ...entries } = json;
  if (!isJsonObject(metadata) || !isTexts(metadata)) return fail(`${METADATA} holds texts`);
  return { metadata, entries: Object.entries(entries).map(([name, entry]) => parseEntry(name, entry, fail)) };
}

function parsed(bytes: Uint8Array, arrays: number, fail: Fail): Json {
  if (bytes[0] !== "{".charCodeAt(0)) return fail("its header begins with {");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // Each has an object, a type, a shape and places.
    return parseJson(text, { ...JSON_RULES, keys: arrays, values: VALUES_PER_ARRAY * arrays });
  } catch (error) {
    // A TypeError comes from the decoder.
    return fail(error instanceof JsonError ? `its header ${error.message}` : "its header is UTF-8");
  }
}

function parseEntry(name: string, entry: Json, fail: Fail): Entry {
  const about = quoted(name);
  if (!isJsonObject(entry) || Object.keys(entry).sort().join() !== "data_offsets,dtype,shape") {
    return fail(`${about} has dtype, shape and data_offsets`);
  }
  const dtype = TYPES.get(String(entry.dtype));
  const { shape, data_offsets: offsets } = entry;
  if (dtype === undefined) return fail(`${about} is of the type ${[...TYPES.keys()].join(", ")}`);
  if (!isLengths(shape) || shape.length > MAX_RANK) return fail(`the shape of ${about} is a list of lengths`);
  if (!isLengths(offsets) || offsets.length !== 2) return fail(`the data_offsets of ${about} are two positions`);
  const [begin = 0, end = 0] = offsets;
  // A product beyond exact integers is no length of anything that is there.
  if (end - begin !== sizeOf(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT) {
    return fail(`the shape of ${about} takes the bytes that its data_offsets say`);
  }
  return { name, dtype, shape, begin, end };
}

/** Every byte belongs to one array. */
function checkPlaces(entries: readonly Entry[], byteLength: number, fail: Fail): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) fail(`${quoted(name)} begins at byte ${at} of the data, where the one before ends, not ${begin}`);
    at = end;
  }
  if (at !== byteLength) fail(`it has ${at} bytes of data, and not ${byteLength}`);
}

function valuesIn(argument: Argument, data: Uint8Array, { name, dtype, shape, begin, end }: Entry): Tensor["values"] {
  const bytes = data.subarray(begin, end);
  const isAligned = bytes.byteOffset % ARRAYS[dtype].BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? bytes : bytes.slice();
  if (dtype === "int64") return exact(argument, name, new BigInt64Array(buffer, byteOffset, sizeOf(shape)));
  return new ARRAYS[dtype](buffer as ArrayBuffer, byteOffset, sizeOf(shape)); // or shared memory, which is as good
}

/** Numbers that a Float64Array holds as they are. */
function exact(argument: Argument, name: string, elements: BigInt64Array): Float64Array {
  const inexact = elements.find((element) => BigInt(Number(element)) !== element);
  if (inexact === undefined) return Float64Array.from(elements, Number);
  throw badBytes(argument, `hold integers that are JavaScript numbers; ${quoted(name)} has another`, `${inexact}`);
}

/** The elements of an array as they lie in the file. */
export function bytesOf({ dtype, values }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = dtype === "int64" ? BigInt64Array.from(values, BigInt) : values;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength); // the type has no shared memory
}

function isTexts(value: JsonObject): value is Readonly<Record<string, string>> {
  return Object.values(value).every((text) => typeof text === "string");
}

function isLengths(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}
