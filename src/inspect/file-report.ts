/// <reference types="node" />
// Reads a file of the machine; report.ts says what is in it.
import { statSync } from "node:fs";
import { reasonOf } from "../check/built-ins.js";
import { readInto, withFile } from "../node/read-checkpoint.js";
import { type Report, reportOf } from "./report.js";

const OWNER = "inspect";

/** Reads a file and says what it is by its first bytes. Throws an Error that names the file. */
export async function inspectFile(path: string): Promise<Report> {
  return reportOf(path, contentsAt(path));
}

function contentsAt(path: string): Uint8Array {
  try {
    if (!statSync(path).isFile()) throw new Error("it is no file");
    // readFileSync ends at 2 GiB.
    return withFile(OWNER, path, (file, byteLength) => {
      const bytes = new Uint8Array(byteLength);
      return bytes.subarray(0, readInto(file, bytes, 0));
    });
  } catch (cause) {
    throw new Error(
      `cannot read ${JSON.stringify(path)}: ${reasonOf(cause)}. Pass the path of a checkpoint or Keras file.`,
      {
        cause,
      },
    );
  }
}
