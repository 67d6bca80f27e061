// latestCheckpoint: where to go on. It reads the beginnings of files only.

import fs from "node:fs";
import { join } from "node:path";
import { argumentsOf } from "../check/argument.js";
import { isErrorNamed } from "../check/built-ins.js";
import { warnOnce } from "../check/warn.js";
import { readHeader, startLength } from "../checkpoint/safetensors.js";
import { isNewer, savedRunOf } from "../checkpoint/saved-run.js";
import { CheckpointFileError, codeOf } from "./file-error.js";
import { readInto, withFile } from "./read-checkpoint.js";
import { EXTENSION, lastFirst } from "./series.js";

const OWNER = "latestCheckpoint";
const argument = argumentsOf(OWNER);

/**
 * The path of the last checkpoint in a folder: the one with the highest number in its name, and its beginning and length
 * whole. One that is damaged is passed over with a warning. Null when there is none, or no such folder.
 *
 * One that a newer version of this package wrote counts as whole; loading it throws. Throws CheckpointFileError for what the
 * system refuses.
 */
export function latestCheckpoint(folder: string): string | null {
  argument("folder").string(folder);
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const problem = problemOf(path);
    if (problem === null) return path;
    if (problem !== GONE) warnOnce(`${OWNER}: passed over ${JSON.stringify(path)}. ${problem}`);
  }
  return null;
}

/** Whether the beginning and length of a file are those of a checkpoint. */
export const isWhole = (path: string): boolean => problemOf(path) === null;

function namesIn(folder: string): string[] {
  try {
    const files = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
    const names = files.map(({ name }) => name).filter((name) => name.endsWith(EXTENSION));
    return lastFirst(names).map(({ name }) => name);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw new CheckpointFileError(OWNER, "list", folder, cause, "Pass the path of a folder.");
  }
}

/** A file that was there when the folder was listed: another writer has removed it, or it is a link that leads nowhere. */
const GONE = "It is gone.";

/** What is wrong with a file, or null. */
function problemOf(path: string): string | null {
  try {
    return withFile(argument("path"), path, headerProblem);
  } catch (error) {
    if (isErrorNamed("CheckpointFileError", error) && PASSED_OVER.includes(codeOf(error) ?? "")) {
      return codeOf(error) === "ENOENT" ? GONE : error.message;
    }
    if (isErrorNamed("RangeError", error)) return error.message; // a folder, a device or a pipe
    throw error;
  }
}

/** Files that are gone, and links in a circle. */
const PASSED_OVER = ["ENOENT", "ELOOP"];

function headerProblem(file: number, byteLength: number): string | null {
  const start = startOf(file, byteLength);
  try {
    const header = readHeader(argument("bytes"), start, byteLength);
    // Only a newer version can tell: loading it says so.
    if (!isNewer(header.metadata)) savedRunOf(argument("bytes"), header);
  } catch (error) {
    if (isErrorNamed("RangeError", error)) return error.message;
    throw error;
  }
  return null;
}

function startOf(file: number, byteLength: number): Uint8Array {
  const prefix = new Uint8Array(8);
  if (readInto(file, prefix, 0) < prefix.byteLength) return prefix.subarray(0, 0);
  const start = new Uint8Array(Math.min(byteLength, startLength(prefix)));
  return start.subarray(0, readInto(file, start, 0));
}
