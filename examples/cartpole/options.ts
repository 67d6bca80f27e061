// The command line of the cart-pole: the run, and the arguments of RMSprop that matter to it. Ranges are checked by the library.
import { Command, Option } from "commander";
import { parseNumber, parseShare, wholeFrom } from "../shared/numbers.js";

/** Everything that the command line decides. */
export interface Options {
  readonly steps: number;
  readonly maxSteps: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly discount: number;
  readonly out: string;
  readonly learningRate: number;
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** False by `--no-centered`. */
  readonly centered: boolean;
  readonly useEma: boolean;
}

/** Reads `args` (without node and script). A wrong option is reported by commander, by its name, and ends the process with code 1. */
export function parseOptions(args: readonly string[], command: Command = createCommand()): Options {
  return command.parse(args, { from: "user" }).opts<Options>();
}

/** The command with all its options, not yet run. */
export function createCommand(): Command {
  const command = new Command("npm run start:cartpole --")
    .usage("[options]")
    .description("Learns to balance a pole on a cart by deep Q-learning, with centered RMSprop.")
    .helpOption("-h, --help", "print this help");
  for (const option of [...runOptions(), ...rmspropOptions()]) command.addOption(option);
  return command;
}

function runOptions(): Option[] {
  const options = [
    new Option("--steps <count>", "pushes in all").default(8000).argParser(wholeFrom(1)),
    new Option("--max-steps <count>", "pushes in an episode, at most").default(200).argParser(wholeFrom(1)),
    new Option("--batch-size <count>", "remembered pushes in one learning step").default(64).argParser(wholeFrom(1)),
    new Option("--seed <whole number>", "decides weights, starts, random pushes and batches")
      .default(0)
      .argParser(wholeFrom(0)),
    new Option("--discount <0..1>", "worth of a reward that comes a step later").default(0.98).argParser(parseShare),
    new Option("--out <folder>", "where the picture goes").default("out/cartpole"),
  ];
  return options.map((option) => option.helpGroup("The run:"));
}

function rmspropOptions(): Option[] {
  const options = [
    new Option("--learning-rate <number>", "at the start; it falls along a cosine")
      .default(5e-4)
      .argParser(parseNumber),
    new Option("--rho <0..1>", "share of the old velocity kept at each step").default(0.95).argParser(parseNumber),
    new Option("--momentum <number>", "share of the last step added to the next one")
      .default(0.9)
      .argParser(parseNumber),
    new Option("--epsilon <number>", "added to the variance before its square root is taken")
      .default(0.01)
      .argParser(parseNumber),
    new Option("--no-centered", "divide by the gradient's size instead of its spread"),
    new Option("--use-ema", "end with the moving averages of the weights").default(false),
  ];
  return options.map((option) => option.helpGroup("RMSprop, as in Keras:"));
}
