// Runs blocks of TypeScript as programs, as a reader would who copies them: on the sources, or on the built package when
// RMSPROP_DIST is set.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isWhole } from "../seed.js";
import { ROOT } from "./blocks.js";

const TSX = pathToFileURL(join(ROOT, "node_modules/tsx/dist/loader.mjs")).href;
const TSCONFIG = join(ROOT, process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json");

/** Printed between programs that share a process. */
const MARK = "-- the next program --";

/** A program and the name of its file. */
export interface Program {
  readonly name: string;
  readonly code: string;
}

/** Runs a program in a folder of the repository, so that "rmsprop" is this package, and gives the lines it printed. */
export async function printedBy(folder: string, name: string, code: string): Promise<string[]> {
  return linesOf(await outputOf(write(folder, { name, code }), folder));
}

/** As `printedBy`, of one program after the other. `npm test` runs them in one process, each when that before it has ended. */
export async function printedByEach(folder: string, programs: readonly Program[]): Promise<string[][]> {
  const printed: string[][] = [];
  if (isWhole) {
    for (const { name, code } of programs) printed.push(await printedBy(folder, name, code));
    return printed;
  }
  const files = programs.map((program) => pathToFileURL(write(folder, program)).href);
  const code = `const files = ${JSON.stringify(files)};
    process.on("beforeExit", async function next() {
      console.log(${JSON.stringify(MARK)});
      const file = files.shift();
      if (file === undefined) process.off("beforeExit", next);
      else await import(file);
    });`;
  const output = await outputOf(write(folder, { name: "all", code }), folder);
  return output.split(`${MARK}\n`).slice(1, -1).map(linesOf);
}

function write(folder: string, { name, code }: Program): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.mts`);
  writeFileSync(path, code);
  return path;
}

async function outputOf(path: string, cwd: string): Promise<string> {
  const env = { ...process.env, TSX_TSCONFIG_PATH: TSCONFIG };
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", TSX, path], { cwd, env });
  return stdout;
}

const linesOf = (output: string): string[] => output.split("\n").slice(0, -1);
