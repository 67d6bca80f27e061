// readCheckpoint: a file into memory, in one piece, and to loadCheckpoint.

import fs from "node:fs";
import { type Argument, argumentsOf } from "../check/argument.js";
import type { LoadOptions } from "../checkpoint/saved-run.js";
import type { CustomObjects } from "../core/serialization.js";
import { type LoadedCheckpoint, loadCheckpoint } from "../plain/checkpoint.js";
import type { VariableLike } from "../plain/inputs/targets.js";
import type { AnyOptimizer } from "../plain/registry.js";
import { CheckpointFileError, codeOf } from "./file-error.js";

const argument = argumentsOf("readCheckpoint");

/**
 * Restores what `writeCheckpoint` wrote; the arguments after `path` are those of `loadCheckpoint`, and so are its errors.
 * Files of any size are read. Throws CheckpointFileError for what the system refuses.
 */
export function readCheckpoint(
  path: string,
  optimizer: AnyOptimizer | null = null,
  variables: readonly VariableLike[] | null = null,
  customObjects: CustomObjects = {},
  options: LoadOptions = {},
): LoadedCheckpoint {
  argument("path").string(path);
  return loadCheckpoint(readWhole(argument("path"), path), optimizer, variables, customObjects, options);
}

/** The bytes of a file of any size. (The readFileSync of Node ends at 2 GiB.) */
export function readWhole(argument: Argument, path: string): Uint8Array {
  return withFile(argument, path, (file, byteLength) => {
    const bytes = new Uint8Array(byteLength);
    return bytes.subarray(0, readInto(file, bytes, 0));
  });
}

/** Opens a file that is no folder or device. */
export function withFile<T>(argument: Argument, path: string, fn: (file: number, byteLength: number) => T): T {
  // To open a pipe would wait for somebody to write to it.
  const file = attempt(argument, path, () => fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)));
  try {
    const stats = attempt(argument, path, () => fs.fstatSync(file));
    if (stats.isFile()) return attempt(argument, path, () => fn(file, stats.size));
    throw argument.badValue("be a file", path, "For a folder, pass what latestCheckpoint(folder) gives.");
  } finally {
    fs.closeSync(file);
  }
}

/** Systems read and write at most 2 GiB in one call. */
export const MOST_AT_ONCE: number = 2 ** 30;

/** Reads from a place in the file until the array is full or the file ends; returns how much was read. */
export function readInto(file: number, bytes: Uint8Array, position: number): number {
  let at = 0;
  while (at < bytes.byteLength) {
    const count = fs.readSync(file, bytes, at, Math.min(MOST_AT_ONCE, bytes.byteLength - at), position + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}

function attempt<T>(argument: Argument, path: string, fn: () => T): T {
  try {
    return fn();
  } catch (cause) {
    if (codeOf(cause) === null) throw cause;
    throw new CheckpointFileError(argument.owner, "read", path, cause, "Pass the path of a checkpoint.");
  }
}
