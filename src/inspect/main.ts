#!/usr/bin/env node
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Argument } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
/// <reference types="node" />
// `npx rmsprop`: the command line. What a file holds is found out in report.ts, and printed by print.ts.
import { readWhole } from "../node/read-checkpoint.js";
import { jsonOf, printableLines, printReport } from "./print.js";
import { type Report, reportOf, reportOfParts } from "./report.js";

const HELP = `Usage: rmsprop inspect FILE... [--json]

Prints what checkpoints (.safetensors) and files of Keras (.keras, .weights.h5, .h5, folders, .weights.json) hold: config, step,
learning rate, and a table of the arrays with shape, type, range and the number of elements that are not finite.

Options:
  --json         print a line of JSON for each
  -v, --version  print the version of the package
  -h, --help     print this help
`;

process.stdout.on("error", (error: Error & { readonly code?: string }) => {
  if (error.code === "EPIPE") process.exit(0); // `| head` has read enough
  process.stderr.write(`error: the output cannot be written: ${error.code ?? error.message}\n`);
  process.exit(1);
});
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...{ json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
        version: { type: "boolean", short: "v" },
      },
    });
    const [command, ...files] = positionals;
    if (values.version) process.stdout.write(`${version()}\n`);
    else if (values.help || command === undefined) process.stdout.write(HELP);
    else if (command !== "inspect" || files.length === 0) throw new TypeError(usage(positionals));
    else return await inspectAll(files, values.json ? jsonOf : printReport);
    return values.help || values.version ? 0 : 1;
  } catch (error) {
    return complain(error);
  }
}

/** Prints all of them, and says of each that cannot be read why. */
async function inspectAll(files: readonly string[], print: (report: Report) => string): Promise<number> {
  let code = 0;
  for (const [i, file] of files.entries()) {
    try {
      const text = print(await reportAt(file));
      process.stdout.write(i > 0 && print === printReport ? `\n${text}` : text);
    } catch (error) {
      code = complain(error);
    }
  }
  return code;
}

function complain(error: unknown): 1 {
  process.stderr.write(`error: ${printableLines(reasonOf(error))}\n`);
  return 1;
}

function version(): string {
  const manifest = readWhole(
    new Argument("inspect", "path"),
    fileURLToPath(new URL("../../package.json", import.meta.url)),
  );
  return String(JSON.parse(new TextDecoder().decode(manifest)).version);
}

async function reportAt(path: string): Promise<Report> {
  const stats = attempt(path, () => statSync(path));
  const isSeveral = stats.isDirectory() || path.endsWith(".weights.json");
  if (!isSeveral) return reportOf(path, contentsAt(path));
  const { readKerasFile } = await import("../node/read-keras-file.js");
  return reportOfParts(path, sizeOfParts(path), () => readKerasFile(path));
}

/** Of all files of a folder, or of those beside a list of weights. */
function sizeOfParts(path: string): number {
  const isFolder = statSync(path).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const start = basename(path).replace(/\.weights\.json$/, "");
  const names = readdirSync(folder, { recursive: isFolder }).map(String);
  const files = names.filter((name) => isFolder || (name.startsWith(start) && /\.(weights\.json|h5)$/.test(name)));
  const stats = files.map((name) => statSync(join(folder, name)));
  return stats.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0);
}

function contentsAt(path: string): Uint8Array {
  return attempt(path, () => readWhole(new Argument("inspect", "path"), path));
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const remedy = "Pass the path of a checkpoint or of a file or folder of Keras.";
    throw new Error(`cannot read ${JSON.stringify(path)}: ${reasonOf(cause)}. ${remedy}`, { cause });
  }
}

function usage(positionals: readonly string[]): string {
  return `rmsprop: the arguments must be "inspect FILE..."; received ${JSON.stringify(positionals.join(" "))}. See rmsprop --help.`;
}
