#!/usr/bin/env node
import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { Argument } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
/// <reference types="node" />
// `npx rmsprop`: the command line. What a file holds is found out in report.ts, and printed by print.ts.
import { readWhole } from "../node/read-checkpoint.js";
import { jsonOf, printable, printReport } from "./print.js";
import { reportOf } from "./report.js";

const HELP = `Usage: rmsprop inspect FILE [--json]

Prints what a checkpoint (.safetensors) or a file of Keras (.keras, .weights.h5) holds: config, step, learning rate, and
a table of its arrays with shape, type, range and the number of elements that are not finite.

Options:
  --json      print it as JSON
  -h, --help  print this help
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
      options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    const [command, file, ...rest] = positionals;
    if (values.help || (command === undefined && file === undefined)) {
      process.stdout.write(HELP);
      return values.help ? 0 : 1;
    }
    if (command !== "inspect" || file === undefined || rest.length > 0) throw new TypeError(usage(positionals));
    const report = await reportOf(file, contentsAt(file));
    process.stdout.write(values.json ? jsonOf(report) : printReport(report));
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${printable(reasonOf(error))}\n`);
    return 1;
  }
}

function contentsAt(path: string): Uint8Array {
  try {
    if (!statSync(path).isFile()) throw new Error("it is no file");
    return readWhole(new Argument("inspect", "path"), path);
  } catch (cause) {
    const remedy = "Pass the path of a checkpoint or Keras file.";
    throw new Error(`cannot read ${JSON.stringify(path)}: ${reasonOf(cause)}. ${remedy}`, { cause });
  }
}

function usage(positionals: readonly string[]): string {
  return `rmsprop: the arguments must be "inspect FILE"; received ${JSON.stringify(positionals.join(" "))}. See rmsprop --help.`;
}
