// All that is printed on stdout: what will be done, a row per epoch, and the comparison at the end.
import { printFacts } from "../shared/program.js";
import type { Split } from "./data.js";
import { changedArguments, flagOf, type Options, type RmspropChoices } from "./options.js";
import { medianOf } from "./timing.js";
import type { Epoch, Run } from "./train.js";

const COLUMNS = ["epoch", "    loss", "accuracy", "held-out loss", "held-out accuracy", "   ms"] as const;

/** A run with the name of its optimizer and the time of one update. */
export interface NamedRun {
  readonly name: string;
  readonly run: Run;
  readonly updateMs: number | undefined;
}

/** Prints what will be done. */
export function printPlan({ training, heldOut }: Split, options: Options, network: string, backend: string): void {
  const [rows, held] = [training.labels.length, heldOut.labels.length];
  printFacts([
    [
      "Data",
      `${grouped(rows + held)} digits of 8 x 8 pixels: ${grouped(rows)} to train on, ${held} held out (seed ${options.seed})`,
    ],
    ["Network", `${network}; loss is categorical cross-entropy in nats`],
    ["Backend", backend],
    [
      "Steps",
      `${options.epochs} epochs of ${Math.ceil(rows / options.batchSize)} batches of ${options.batchSize} digits`,
    ],
  ]);
}

/** Prints the head of a run's table. */
export function printHead(name: string, settings: string): void {
  console.log(`\n${name}: ${settings}\n`);
  console.log(COLUMNS.join("   "));
}

/** Prints one row of a run's table. */
export function printEpoch({ epoch, training, heldOut, ms }: Epoch): void {
  const scores = [training.loss, training.accuracy, heldOut.loss, heldOut.accuracy].map(formatScore);
  const cells = [epoch.toString(), ...scores, ms.toFixed(0)];
  console.log(cells.map((cell, index) => cell.padStart(COLUMNS[index]?.length ?? 0)).join("   "));
}

/** The settings in words: those that every RMSprop has, and what else is not at its default. */
export function settingsOf({ rmsprop, schedule }: Options): string {
  const { learningRate, rho, momentum, epsilon } = rmsprop;
  const rate = schedule === "constant" ? `${learningRate}` : `${learningRate} along a ${schedule}`;
  const further = changedArguments(rmsprop)
    .filter((key) => !["learningRate", "rho", "momentum", "epsilon", "name"].includes(key))
    .map((key) => flagOf(key).replaceAll("-", " ") + (rmsprop[key] === true ? "" : ` ${rmsprop[key]}`));
  return [`learning rate ${rate}`, `rho ${rho}`, `momentum ${momentum}`, `epsilon ${epsilon}`, ...further].join(", ");
}

/** Two lines below the title of the picture: what was run, and what came of it. */
export function captionOf(ours: NamedRun, theirs: NamedRun, options: Options): string {
  const accuracies = [ours, theirs].map(({ name, run }) => `${name} ${run.score.accuracy.toFixed(4)}`);
  const note =
    equalCount(ours.run.weights, theirs.run.weights) === ours.run.weights.length
      ? "; both runs are equal to the bit"
      : "";
  return `batches of ${options.batchSize}, ${settingsOf(options)}\nheld-out accuracy after ${options.epochs} epochs: ${accuracies.join(", ")}${note}`;
}

/** Prints both runs beside each other, and why they are the same or not. */
export function printComparison(ours: NamedRun, theirs: NamedRun, options: Options): void {
  const rows: [string, (named: NamedRun) => string][] = [
    ["held-out accuracy", ({ run }) => run.score.accuracy.toFixed(4)],
    ["held-out loss", ({ run }) => formatScore(run.score.loss)],
    ["training loss, last epoch", ({ run }) => formatScore(run.epochs.at(-1)?.training.loss ?? Number.NaN)],
    ["ms of an epoch (median)", ({ run }) => medianOf(run.epochs.map(({ ms }) => ms)).toFixed(0)],
    ["ms of an update (median)", ({ updateMs }) => updateMs?.toFixed(3) ?? ""],
  ];
  const widths = [ours, theirs].map(({ name }) => Math.max(name.length, 8));
  const line = (label: string, cells: string[]) =>
    console.log(label.padEnd(28) + cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("   "));
  console.log();
  line("", [ours.name, theirs.name]);
  for (const [label, cellOf] of rows) {
    line(label, [cellOf(ours), cellOf(theirs)]);
  }
  console.log();
  for (const sentence of explain(ours.run.weights, theirs.run.weights, options)) {
    console.log(sentence);
  }
}

/** How the final weights of both runs came about and compare, a sentence a line. */
export function explain(ours: Float32Array, theirs: Float32Array, options: Options): string[] {
  const missing = onlyInKeras(options);
  const averaged = options.rmsprop.useEma
    ? ["fit ended by making each weight its moving average; the scores above are those."]
    : [];
  const without = missing.length > 0 ? [`tf.train.rmsprop has no ${missing.join(", no ")}: it ran without.`] : [];
  const comparison = theirs.some(Number.isNaN)
    ? [explainNaN(theirs, options)]
    : missing.length > 0
      ? []
      : [compare(ours, theirs)];
  return [...averaged, ...without, ...comparison];
}

function explainNaN(theirs: Float32Array, { rmsprop }: Options): string {
  const count = `${grouped(theirs.filter(Number.isNaN).length)} of ${grouped(theirs.length)} weights`;
  const reason = rmsprop.centered ? ": centered, it subtracts epsilon below the root where Keras adds it" : "";
  return `tf.train.rmsprop ended with ${count} that are not a number${reason}.`;
}

function compare(ours: Float32Array, theirs: Float32Array): string {
  const differences = ours.map((weight, index) => Math.abs(weight - (theirs[index] ?? 0)));
  const equal = equalCount(ours, theirs);
  return equal === ours.length
    ? `All ${grouped(equal)} weights of both runs are equal to the bit: with these options both do the same operations, so their curves coincide.`
    : `${grouped(equal)} of ${grouped(ours.length)} weights of both runs are equal, the largest difference is ${formatScore(Math.max(...differences))}.`;
}

/** Numbers that are the same to the bit in the same place; a NaN never is. */
function equalCount(ours: Float32Array, theirs: Float32Array): number {
  return ours.filter((weight, index) => !Number.isNaN(weight) && Object.is(weight, theirs[index])).length;
}

/** What is switched on that tf.train.rmsprop does not have, as on the command line. */
function onlyInKeras({ rmsprop, schedule }: Options): string[] {
  const both: (keyof RmspropChoices)[] = ["learningRate", "rho", "momentum", "epsilon", "centered", "name"];
  const keys = changedArguments(rmsprop).filter((key) => !both.includes(key));
  return [...keys.map(flagOf), ...(schedule === "constant" ? [] : ["schedule"])].map((flag) => `--${flag}`);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Four digits that matter, in eight characters or less. */
function formatScore(score: number): string {
  const size = Math.abs(score);
  return size === 0 || (size >= 1e-3 && size < 1e3) ? score.toFixed(4) : score.toExponential(1);
}
