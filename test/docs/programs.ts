// Runs blocks of TypeScript as programs of their own, as a reader would who copies them: on the sources, or on the built
// package when RMSPROP_DIST is set.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./blocks.js";

const TSX = join(ROOT, "node_modules/tsx/dist/cli.mjs");
const TSCONFIG = join(ROOT, process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json");

/** Runs a program in a folder of the repository, so that "rmsprop" is this package, and gives the lines it printed. */
export async function printedBy(folder: string, name: string, code: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.mts`);
  writeFileSync(path, code);
  const { stdout } = await promisify(execFile)(process.execPath, [TSX, "--tsconfig", TSCONFIG, path], { cwd: folder });
  return stdout.split("\n").slice(0, -1);
}
