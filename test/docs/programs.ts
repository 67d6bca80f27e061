// Runs blocks of TypeScript as programs, as a reader would who copies them: on the sources, or on the built package when
// RMSPROP_DIST is set.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ROOT } from "./blocks.js";

const TSX = pathToFileURL(join(ROOT, "node_modules/tsx/dist/loader.mjs")).href;
const TSCONFIG = join(ROOT, process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json");

/** Printed between programs that share a process. */
const MARK = "-- the next program --";
/** Printed before the error of one of them. */
export const FAILED = "-- it failed -- ";

/** A program and the name of its file. */
export interface Program {
  readonly name: string;
  readonly code: string;
}

/** Runs a program in a folder of the repository, so that "rmsprop" is this package, and gives the lines it printed. */
export async function printedBy(folder: string, name: string, code: string): Promise<string[]> {
  return linesOf(await outputOf(write(folder, { name, code }), folder));
}

/** The programs of a page and the folder that they run in. */
export interface PagePrograms {
  readonly folder: string;
  readonly programs: readonly Program[];
}

/** As `printedBy`, of one program after the other, each when that before it has ended. */
export async function printedByEach({ folder, programs }: PagePrograms): Promise<string[][]> {
  const printed: string[][] = [];
  for (const { name, code } of programs) printed.push(await printedBy(folder, name, code));
  return printed;
}

/** As `printedByEach` of each page, all in one process, which starts in `root`; what they import is made once for all. */
export async function printedTogether(root: string, pages: readonly PagePrograms[]): Promise<string[][][]> {
  const programs = pages.flatMap(({ folder, programs: own }) =>
    own.map((program) => ({ folder, written: write(folder, program) })),
  );
  const outdir = join(root, "built");
  const { buildSync } = await import("esbuild");
  const how = { bundle: true, splitting: true, packages: "external", ignoreAnnotations: true } as const;
  buildSync({
    ...{ ...how, outdir, outbase: root, outExtension: { ".js": ".mjs" }, platform: "node", format: "esm" },
    ...{ entryPoints: programs.map(({ written }) => written), tsconfig: TSCONFIG },
  });
  const files = programs.map(({ folder, written }) => [
    folder,
    pathToFileURL(join(outdir, relative(root, written)).replace(/\.mts$/, ".mjs")).href,
  ]);
  const code = `const files = ${JSON.stringify(files)};
    process.on("beforeExit", async function next() {
      console.log(${JSON.stringify(MARK)});
      const [folder, file] = files.shift() ?? [];
      if (folder === undefined) return process.off("beforeExit", next);
      process.chdir(folder);
      await import(file).catch((error) => console.log(${JSON.stringify(FAILED)} + error.stack));
    });`;
  const all = join(root, "all.mjs");
  writeFileSync(all, code);
  const { stdout } = await promisify(execFile)(process.execPath, [all], { cwd: root });
  const printed = stdout.split(`${MARK}\n`).slice(1, -1).map(linesOf);
  return pages.map(({ programs: own }) => printed.splice(0, own.length));
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
