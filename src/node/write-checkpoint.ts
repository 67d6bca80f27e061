// writeCheckpoint: a checkpoint is on the disk as a whole, or the one before it is. How files are read is in
// read-checkpoint.ts.

import fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { argumentsOf } from "../check/argument.js";
import { isBytes } from "../check/built-ins.js";
import { checkedBytes } from "../checkpoint/check-arguments.js";
import { readHeader } from "../checkpoint/safetensors.js";
import { savedRunOf } from "../checkpoint/saved-run.js";
import { checkpointPieces } from "../plain/checkpoint.js";
import type { VariableLike } from "../plain/inputs/targets.js";
import type { AnyOptimizer } from "../plain/registry.js";
import { CheckpointFileError, codeOf } from "./file-error.js";
import { isWhole } from "./latest-checkpoint.js";
import { partialOf, removeDead } from "./partial.js";
import { MOST_AT_ONCE } from "./read-checkpoint.js";
import { checkPath, EXTENSION, lastFirst, type Numbered, numberedName } from "./series.js";

/** The options of `writeCheckpoint`. */
export interface WriteOptions {
  /**
   * How many checkpoints of this run to keep, this one included, an integer >= 1; null, the default, for all. Files of one
   * run differ in the last number of their names only. Those with lower numbers are removed, never one with a higher number.
   */
  readonly keep?: number | null | undefined;
}

const OWNER = "writeCheckpoint";
const argument = argumentsOf(OWNER);
/**
 * Writes a checkpoint to a file: to a temporary one beside it, which takes its name when all of it is on the disk. Whatever
 * happens, the file holds the old checkpoint or the new one, whole. Makes the folder if there is none.
 *
 * Returns when it is on the disk; nothing else runs meanwhile, and the arrays are written from where they are, not copied.
 * Throws CheckpointFileError for what the system refuses.
 *
 * @param path ends in `.safetensors`; with `keep`, its name has a number, such as that of the step
 * @param variables all that the optimizer trains, and any others that belong to the run
 * @param metadata texts of your own, as in `saveCheckpoint`
 */
export function writeCheckpoint(
  path: string,
  optimizer: AnyOptimizer,
  variables: readonly VariableLike[],
  metadata?: Readonly<Record<string, string>>,
  options?: WriteOptions,
): void;
/** As above, with the bytes of `saveCheckpoint`: that of `"rmsprop/tfjs"`, for example. */
export function writeCheckpoint(path: string, bytes: Uint8Array, options?: WriteOptions): void;
export function writeCheckpoint(
  path: string,
  source: AnyOptimizer | Uint8Array,
  second: readonly VariableLike[] | WriteOptions = {},
  metadata: Readonly<Record<string, string>> = {},
  last: WriteOptions = {},
): void {
  checkPath(argument("path"), path);
  const isGiven = isBytes(source);
  const options = isGiven ? second : last;
  argument("options").keys(options, ["keep"]);
  const { keep: wanted = null } = options as WriteOptions; // nothing else has such keys only
  const keep = argument("keep").numberOrNull(wanted, { integer: true, min: 1 });
  checkPlace(path, keep);
  const pieces = isGiven
    ? checkedCheckpoint(source)
    : checkpointPieces(argument, source, second as readonly VariableLike[], metadata); // as the signatures say
  writeWhole(path, pieces);
  tidy(path, keep);
}

function checkPlace(path: string, keep: number | null): void {
  if (isFolder(path)) {
    const remedy = `Add a file name to it, such as step-100${EXTENSION}.`;
    throw argument("path").badValue("be a file, not a folder", path, remedy);
  }
  if (keep === null || numberedName(basename(path)).number >= 0n) return;
  const remedy = `Name it step-100${EXTENSION}, for example: numbers say which are the last.`;
  throw argument("path").badValue("have a number in its name, to keep the last ones", path, remedy);
}

function isFolder(path: string): boolean {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (cause) {
    throw new CheckpointFileError(OWNER, "write", path, cause, "Pass another path.");
  }
}

function checkedCheckpoint(given: Uint8Array): [Uint8Array] {
  const named = argument("bytes");
  const bytes = checkedBytes(named, given);
  savedRunOf(named, readHeader(named, bytes, bytes.byteLength));
  return [bytes];
}

/** The rename is the moment at which the new checkpoint takes the place of what was there. */
function writeWhole(path: string, pieces: readonly Uint8Array[]): void {
  const partial = partialOf(path);
  try {
    makeFolder(dirname(path));
    onDisk(partial, "wx", (file) => {
      for (const batch of batches(pieces)) writeAll(file, batch);
    });
    fs.renameSync(partial, path);
  } catch (cause) {
    removeQuietly(partial);
    throw new CheckpointFileError(OWNER, "write", path, cause, "What was there before is unchanged.");
  }
  try {
    syncFolder(dirname(path));
  } catch (cause) {
    const remedy = "The new checkpoint is in place, but its name may be lost if the power fails now.";
    throw new CheckpointFileError(OWNER, "put on the disk the folder of", path, cause, remedy);
  }
}

/** Opens a file or folder, and returns when all of it is on the disk. */
function onDisk(path: string, flags: "wx" | "r", write: (file: number) => void): void {
  const file = fs.openSync(path, flags);
  try {
    write(file);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

const SMALL = 64 * 1024;

/** The same bytes in fewer calls: small pieces are gathered. */
function* batches(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  const gathered = new Uint8Array(SMALL);
  let length = 0;
  for (const piece of pieces) {
    if (length + piece.byteLength > SMALL) {
      yield gathered.subarray(0, length);
      length = 0;
    }
    if (piece.byteLength > SMALL) yield piece;
    else {
      gathered.set(piece, length);
      length += piece.byteLength;
    }
  }
  yield gathered.subarray(0, length);
}

function writeAll(file: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.byteLength) at += fs.writeSync(file, bytes, at, Math.min(MOST_AT_ONCE, bytes.byteLength - at));
}

/** One folder after the other, each on the disk. (The recursive mkdirSync of Node never ends in /proc.) */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  const parent = dirname(folder);
  makeFolder(parent);
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error; // Somebody else was faster.
  }
  syncFolder(parent);
}

/** A new name is on the disk only when its folder is. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // It has no such call, and needs none.
  onDisk(folder, "r", () => undefined);
}

/** Removes what is older than the last ones, and what writes of this run left behind when they were cut off. */
function tidy(path: string, keep: number | null): void {
  const folder = dirname(path);
  const { series, number } = numberedName(basename(path));
  try {
    const names = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const files = names.map(({ name }) => name);
    removeDead(folder, files, (name) => numberedName(name).series === series);
    if (keep === null) return;
    const older = lastFirst(files).filter((other) => other.series === series && other.number < number);
    for (const { name } of afterWhole(older, keep - 1, folder)) fs.rmSync(join(folder, name), { force: true });
  } catch (cause) {
    const remedy = "The new one is written; remove old ones yourself.";
    throw new CheckpointFileError(OWNER, "remove older checkpoints beside", path, cause, remedy);
  }
}

/** What comes after so many checkpoints that load: one that is damaged does not count. */
function afterWhole(older: readonly Numbered[], count: number, folder: string): readonly Numbered[] {
  let whole = 0;
  let at = 0;
  while (at < older.length && whole < count) if (isWhole(join(folder, older[at++]?.name ?? ""))) whole++;
  return older.slice(at);
}

function removeQuietly(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // The error that led here says more.
  }
}
