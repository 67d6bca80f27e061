// The command line: one table of RMSprop's arguments, and the options of the run itself. Ranges are checked by the library.
import { Command, Option } from "commander";
import { parseNumber, wholeFrom } from "../shared/numbers.js";

/** What RMSprop is made with, without the schedule; the names and defaults are Keras'. */
export interface RmspropChoices {
  readonly learningRate: number;
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;
  readonly weightDecay: number | null;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  readonly lossScaleFactor: number | null;
  readonly gradientAccumulationSteps: number | null;
  readonly name: string;
}

/** Everything that the command line decides. */
export interface Options {
  readonly rmsprop: RmspropChoices;
  readonly schedule: "constant" | "cosine";
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly out: string;
  /** The folder of the checkpoints; null for none. */
  readonly checkpoint: string | null;
  readonly resume: boolean;
}

type Key = keyof RmspropChoices;
type Row<K extends Key> = readonly [key: K, value: string, defaultValue: RmspropChoices[K], text: string];

/** Every argument of RMSprop: its name, what the command line takes, its default, what it does. */
const RMSPROP: readonly { [K in Key]: Row<K> }[Key][] = [
  ["learningRate", "number", 0.001, "size of a step, in units of the weights"],
  ["rho", "0..1", 0.9, "share of the old velocity kept at each step"],
  ["momentum", "number", 0, "share of the last step added to the next one; 0 is off"],
  ["epsilon", "number", 1e-7, "added to the velocity before its square root is taken"],
  ["centered", "", false, "divide by the spread of the gradient around its average, not around zero"],
  ["weightDecay", "number", null, "share of each weight, times the learning rate, taken off at each step"],
  ["clipnorm", "norm", null, "longest gradient allowed for one variable"],
  ["clipvalue", "number", null, "largest element allowed in a gradient"],
  ["globalClipnorm", "norm", null, "longest gradient allowed for all variables together"],
  ["useEma", "", false, "keep a moving average of the weights; it becomes the weights after the last epoch"],
  ["emaMomentum", "0..1", 0.99, "share of the old average kept at each step"],
  ["emaOverwriteFrequency", "steps", null, "put the average into the weights every so many steps"],
  ["lossScaleFactor", "number", null, "factor on the loss, taken off the gradients again"],
  ["gradientAccumulationSteps", "steps", null, "batches whose gradients are averaged into one update; 2 or more"],
  ["name", "text", "rmsprop", "name of the optimizer in table and picture"],
];

/** Reads `args` (without node and script). A wrong option is reported by commander, by its name, and ends the process with code 1. */
export function parseOptions(args: readonly string[], command: Command = createCommand()): Options {
  const { schedule, epochs, batchSize, seed, out, checkpoint, resume, ...rmsprop } = command
    .parse(args, { from: "user" })
    .opts<Omit<Options, "rmsprop"> & RmspropChoices>();
  if (resume && checkpoint === null) command.error("error: --resume needs --checkpoint <folder>, to find the run in");
  return { rmsprop, schedule, epochs, batchSize, seed, out, checkpoint, resume };
}

/** The command with all its options, not yet run. */
export function createCommand(): Command {
  const command = new Command("npm start --")
    .usage("[options]")
    .description(
      "Trains a 64-128-10 classifier on 1,797 handwritten digits three times: with RMSprop, with tf.train.rmsprop and the same " +
        "settings, and with a cosine schedule, averages of the weights and weight decay, which only this RMSprop has. Options " +
        "hold for all three runs; the third takes its own values where an option is at its default.",
    )
    .helpOption("-h, --help", "print this help");
  for (const option of [...runOptions(), ...RMSPROP.map(rmspropOption)]) {
    command.addOption(option);
  }
  return command;
}

function runOptions(): Option[] {
  const options = [
    new Option("--epochs <count>", "passes over the training digits").default(25).argParser(wholeFrom(1)),
    new Option("--batch-size <digits>", "digits in one step").default(16).argParser(wholeFrom(1)),
    new Option("--seed <whole number>", "decides split, initial weights and batches")
      .default(0)
      .argParser(wholeFrom(0)),
    new Option("--out <folder>", "where the picture goes").default("out/digits"),
    new Option(
      "--checkpoint <folder>",
      "write both runs of RMSprop there after every epoch; the last three files of each are kept",
    ).default(null, "none"),
    new Option("--resume", "go on from the last checkpoint, in every bit").default(false),
    new Option("--schedule <name>", "course of the learning rate over the run: stay, or fall to 0 along a cosine")
      .choices(["constant", "cosine"])
      .default("constant"),
  ];
  return options.map((option) => option.helpGroup("The run:"));
}

function rmspropOption([key, value, defaultValue, text]: (typeof RMSPROP)[number]): Option {
  const flag = `--${flagOf(key)}`;
  const option = new Option(value === "" ? flag : `${flag} <${value}>`, text).helpGroup("RMSprop, as in Keras:");
  if (value !== "text" && value !== "") {
    option.argParser(parseNumber);
  }
  return option.default(defaultValue, defaultValue === null ? "none" : String(defaultValue));
}

/** The arguments that are not at their default. */
export function changedArguments(choices: RmspropChoices): Key[] {
  return RMSPROP.filter(([key, , defaultValue]) => choices[key] !== defaultValue).map(([key]) => key);
}

/** `weightDecay` -> `weight-decay`. */
export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
