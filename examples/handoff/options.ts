// The command line of the hand-over.
import { Command, Option } from "commander";
import { wholeFrom } from "../shared/numbers.js";
import type { Course } from "./run.js";

/** The course of each part, and the folder of the picture. */
export type Options = Course & { readonly out: string };

/** Reads the command line. A wrong option is reported by commander, by its name, and ends the process with code 1. */
export function parseOptions(): Options {
  const command = new Command("npm run handoff --")
    .usage("[options]")
    .description(
      "Trains one run in parts: in TypeScript, in Keras on JAX over 8 devices, and in TypeScript again; then runs that Keras " +
        "begins. Installs Keras into .venv-tensorflow, once.",
    )
    .helpOption("-h, --help", "print this help")
    .addOption(new Option("--epochs <count>", "epochs of each part").default(3).argParser(wholeFrom(1)))
    .addOption(
      new Option("--batch-size <digits>", "digits in one step, a multiple of 8").default(32).argParser(wholeFrom(8)),
    )
    .addOption(
      new Option("--seed <whole number>", "decides initial weights and batches").default(0).argParser(wholeFrom(0)),
    )
    .addOption(new Option("--out <folder>", "where the picture goes").default("out/handoff"));
  const options = command.parse().opts<Options>();
  if (options.batchSize % 8 !== 0)
    command.error(`error: --batch-size must be a multiple of 8; received ${options.batchSize}`);
  return options;
}
