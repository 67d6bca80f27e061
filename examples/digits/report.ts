// All that is printed on stdout: what will be done, a row per epoch, and the table of all runs. The sentences below it are in
// conclusion.ts.
import { printFacts } from "../shared/program.js";
import type { Split } from "./data.js";
import { changedArguments, flagOf, type Options } from "./options.js";
import { medianOf } from "./timing.js";
import type { Epoch, Run } from "./train.js";

const COLUMNS = ["epoch", "    loss", "accuracy", "held-out loss", "held-out accuracy", "   ms"] as const;

/** A run with the name of its optimizer and the time of one update; `label` is what its curves are called beside their kind. */
export interface NamedRun {
  readonly name: string;
  readonly label: string;
  readonly run: Run;
  readonly updateMs: number;
}

/** The runs of all contenders. */
export type NamedRuns = readonly [ours: NamedRun, theirs: NamedRun, extended: NamedRun];

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

/** Prints all runs beside each other. */
export function printComparison(runs: NamedRuns): void {
  const rows: [string, (named: NamedRun) => string][] = [
    ["held-out accuracy", ({ run }) => run.score.accuracy.toFixed(4)],
    ["held-out loss", ({ run }) => formatScore(run.score.loss)],
    ["training loss, last epoch", ({ run }) => lastOf(run, ({ training }) => formatScore(training.loss))],
    ["ms of an epoch (median)", ({ run }) => lastOf(run, () => medianOf(run.epochs.map(({ ms }) => ms)).toFixed(0))],
    ["ms of an update (median)", ({ updateMs }) => updateMs.toFixed(3)],
  ];
  const widths = runs.map(({ name }) => Math.max(name.length, 8));
  const line = (label: string, cells: string[]) =>
    console.log(label.padEnd(28) + cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("   "));
  console.log();
  line(
    "",
    runs.map(({ name }) => name),
  );
  for (const [label, cellOf] of rows) line(label, runs.map(cellOf));
  console.log();
}

/** A run that was resumed at its end has no epochs to tell of. */
function lastOf({ epochs }: Run, show: (last: Epoch) => string): string {
  const last = epochs.at(-1);
  return last === undefined ? "-" : show(last);
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Four digits that matter, in eight characters or less. */
export function formatScore(score: number): string {
  const size = Math.abs(score);
  return size === 0 || (size >= 1e-3 && size < 1e3) ? score.toFixed(4) : score.toExponential(1);
}
