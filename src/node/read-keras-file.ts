// readKerasFile: what Keras has saved under a path: one file, a folder, or weights in several files.

import fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Argument, argumentsOf } from "../check/argument.js";
import { isJsonObject } from "../check/json.js";
import { textOf } from "../keras/cursor.js";
import { damaged, unsupported } from "../keras/errors.js";
import { parseConfig } from "../keras/json.js";
import { checkLimit, type ResolvedLimits, resolveLimits, Tally } from "../keras/limits.js";
import { type FileContents, parseMembers, parseShards, WEIGHTS } from "../keras/parse.js";
import { checkOptions, type KerasFile, lackingFor, type ReadOptions, readContents, readKeras } from "../keras/read.js";
import { CheckpointFileError, codeOf } from "./file-error.js";
import { readWhole } from "./read-checkpoint.js";

const OWNER = "readKerasFile";
const argument = argumentsOf(OWNER);
const SHARDED = "model.weights.json";

/**
 * As `readKeras`, of a path: a .keras, .weights.h5 or .h5 file, a folder (`save_model(..., zipped=False)`), or the .weights.json of
 * weights in several files (`max_shard_size`), which lie beside it. Of a folder, `toBytes()` makes a .keras file; of several
 * files, one .weights.h5 file.
 */
export async function readKerasFile(path: string, options: ReadOptions = {}): Promise<KerasFile> {
  const named = argument("path");
  named.string(path);
  checkOptions(options);
  const limits = resolveLimits(options.limits);
  if (isFolder(named, path)) {
    const members = membersIn(named, path, limits);
    const list = members.get(SHARDED);
    if (list === undefined) return withNotes(parseMembers(members, options.limits), options);
    const shards = shardNames(list, SHARDED, limits).map((name) => members.get(name) ?? missing(name));
    return withNotes(parseShards(shards, members, options.limits), options);
  }
  if (!path.endsWith(".json")) return readKeras(readWhole(named, path), options);
  const names = shardNames(readWhole(named, path), basename(path), limits);
  const shards = names.map((name) => readWhole(named, join(dirname(path), name)));
  return withNotes(parseShards(shards, null, options.limits), options);
}

async function withNotes(contents: FileContents, options: ReadOptions): Promise<KerasFile> {
  return readContents(contents, options, await lackingFor(contents));
}

function isFolder(named: Argument, path: string): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch (cause) {
    if (codeOf(cause) === null) throw cause;
    throw new CheckpointFileError(named.owner, "read", path, cause, "Pass the path of a file or folder of Keras.");
  }
}

/** The files of a folder and of those in it by their paths there; what is no file is passed over. */
function membersIn(named: Argument, folder: string, limits: ResolvedLimits): Map<string, Uint8Array> {
  checkModel(folder);
  const count = new Tally(limits, "objects", "the number of files in the folder");
  const byteLength = new Tally(limits, "totalByteLength", "the size of all files in the folder");
  const members = new Map<string, Uint8Array>();
  const visit = (path: string, depth: number): void => {
    checkLimit(limits, "depth", depth, `the depth of ${JSON.stringify(path)}`);
    for (const entry of fs.readdirSync(join(folder, path), { withFileTypes: true })) {
      const own = path === "" ? entry.name : `${path}/${entry.name}`;
      count.add(1);
      if (entry.isDirectory()) visit(own, depth + 1);
      if (!entry.isFile()) continue;
      byteLength.add(fs.statSync(join(folder, own)).size);
      members.set(own, readWhole(named, join(folder, own)));
    }
  };
  visit("", 0);
  return members;
}

/** Before a file of it is read: a folder that is no model may hold large ones. */
function checkModel(folder: string): void {
  if ([WEIGHTS, SHARDED].some((name) => fs.existsSync(join(folder, name)))) return;
  const problem = `the folder ${JSON.stringify(folder)} is no model of Keras: it has neither ${WEIGHTS} nor ${SHARDED}`;
  throw unsupported(`${problem}. Pass one that save_model(..., zipped=False) wrote, or the path of a file.`);
}

/** The files that a list of weights names, each once. */
function shardNames(bytes: Uint8Array, what: string, limits: ResolvedLimits): string[] {
  checkLimit(limits, "jsonByteLength", bytes.length, what);
  const json = parseConfig(textOf(bytes, what), what, limits);
  const map = isJsonObject(json) ? json.weight_map : null;
  if (!isJsonObject(map ?? null)) throw damaged(`${what} has no weight_map: it is no list of files of weights`);
  const names = [...new Set(Object.values(map ?? {}).flat())];
  return names.map((name) => {
    if (typeof name === "string" && name.endsWith(".h5") && basename(name) === name && !name.includes("\\"))
      return name;
    throw damaged(`${what} names ${JSON.stringify(name)}, which is no file of weights beside it`);
  });
}

function missing(name: string): never {
  throw damaged(`the folder has no ${name}, which ${SHARDED} names; a model has ${WEIGHTS} or all of its parts`);
}
