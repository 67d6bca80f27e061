// readCheckpoint: a file into memory, in one piece, and to loadCheckpoint.
import fs from "node:fs";
import { checkString } from "../check/arguments.js";
import { badValue } from "../check/errors.js";
import type { CustomObjects } from "../core/serialization.js";
import { type LoadedCheckpoint, loadCheckpoint } from "../plain/checkpoint.js";
import type { VariableLike } from "../plain/inputs/targets.js";
import type { AnyOptimizer } from "../plain/registry.js";
import { CheckpointFileError, codeOf } from "./file-error.js";

/**
 * Restores what `writeCheckpoint` wrote; the arguments after `path` are those of `loadCheckpoint`, and so are its errors.
 * Files of any size are read. Throws CheckpointFileError for what the system refuses.
 */
export function readCheckpoint(
  path: string,
  optimizer: AnyOptimizer | null = null,
  variables: readonly VariableLike[] | null = null,
  customObjects: CustomObjects = {},
): LoadedCheckpoint {
  return loadCheckpoint(readWhole("readCheckpoint", path), optimizer, variables, customObjects);
}

function readWhole(owner: string, path: string): Uint8Array {
  checkString(owner, "path", path);
  return withFile(owner, path, (file, byteLength) => {
    const bytes = new Uint8Array(byteLength);
    return bytes.subarray(0, readInto(file, bytes, 0));
  });
}

/** Opens a file that is no folder or device. */
export function withFile<T>(owner: string, path: string, fn: (file: number, byteLength: number) => T): T {
  const file = attempt(owner, path, () => fs.openSync(path, "r"));
  try {
    const { size, isFile } = attempt(owner, path, () => {
      const stats = fs.fstatSync(file);
      return { size: stats.size, isFile: stats.isFile() };
    });
    if (isFile) return attempt(owner, path, () => fn(file, size));
    const remedy = "For a folder, pass what latestCheckpoint(folder) gives.";
    throw badValue({ owner, argument: "path", requirement: "be a file", received: path, remedy });
  } finally {
    fs.closeSync(file);
  }
}

/** Systems read at most 2 GiB in one call. */
const MOST = 2 ** 30;

/** Reads from a place in the file until the array is full or the file ends; returns how much was read. */
export function readInto(file: number, bytes: Uint8Array, position: number): number {
  let at = 0;
  while (at < bytes.byteLength) {
    const count = fs.readSync(file, bytes, at, Math.min(MOST, bytes.byteLength - at), position + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}

function attempt<T>(owner: string, path: string, fn: () => T): T {
  try {
    return fn();
  } catch (cause) {
    if (codeOf(cause) === null) throw cause;
    throw new CheckpointFileError(owner, "read", path, cause, "Pass the path of a checkpoint.");
  }
}
