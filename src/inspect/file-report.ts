/// <reference types="node" />
// Reads a file of the machine; report.ts says what is in it.
import { statSync } from "node:fs";
import { reasonOf } from "../check/built-ins.js";
import { readWhole } from "../node/read-checkpoint.js";
import { type Report, reportOf } from "./report.js";

/** Reads a file and says what it is by its first bytes. Throws an Error that names the file. */
export async function inspectFile(path: string): Promise<Report> {
  return reportOf(path, contentsAt(path));
}

function contentsAt(path: string): Uint8Array {
  try {
    if (!statSync(path).isFile()) throw new Error("it is no file");
    return readWhole("inspect", path);
  } catch (cause) {
    const remedy = "Pass the path of a checkpoint or Keras file.";
    throw new Error(`cannot read ${JSON.stringify(path)}: ${reasonOf(cause)}. ${remedy}`, { cause });
  }
}
