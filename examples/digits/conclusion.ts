// The sentences at the end: how the weights of the equal runs compare, what ten seeds say, and all of it in one; and the lines
// below the title of the picture.
import { EXTRAS_IN_WORDS, withExtras } from "./extras.js";
import { changedArguments, flagOf, type Options, type RmspropChoices } from "./options.js";
import { formatScore, grouped, type NamedRuns, settingsOf } from "./report.js";
import { gainInWords, type Result, scoresInWords } from "./result.js";

/** What is printed below the table, a paragraph each. */
export function conclusionOf(runs: NamedRuns, options: Options, result: Result): string[] {
  const [ours, theirs] = runs;
  return [...explain(ours.run.weights, theirs.run.weights, options), scoresInWords(result), summaryOf(runs, result)];
}

/** The run in one sentence. Equal bits are claimed only where they are equal in this run, and the times are those of this run. */
function summaryOf([ours, theirs]: NamedRuns, result: Result): string {
  const bits = isEqual(ours.run.weights, theirs.run.weights) ? ["the same bits as tf.train.rmsprop"] : [];
  const speed = `an update ${timesInWords(theirs.updateMs / ours.updateMs)} as fast`;
  return `In short: ${[...bits, speed].join(", ")}, and ${gainInWords(result)}.`;
}

function timesInWords(ratio: number): string {
  return `${ratio < 3 ? ratio.toFixed(1) : Math.round(ratio)} times`;
}

/** Three lines below the title of the picture: what was run, and what came of it. */
export function captionOf(runs: NamedRuns, options: Options): string {
  const [ours, theirs, more] = runs.map(({ name, run }) => `${name} ${run.score.accuracy.toFixed(4)}`);
  const note = isEqual(runs[0].run.weights, runs[1].run.weights) ? " (equal to the bit)" : "";
  return [
    `batches of ${options.batchSize}; ${settingsOf(options)}`,
    `+ ${EXTRAS_IN_WORDS}: ${settingsOf(withExtras(options))}`,
    `held-out accuracy after ${options.epochs} epochs: ${ours}; ${theirs}${note}; ${more}`,
  ].join("\n");
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
    ? `All ${grouped(equal)} weights of the first two runs are equal to the bit: both do the same operations, so their curves coincide.`
    : `${grouped(equal)} of ${grouped(ours.length)} weights of the first two runs are equal, the largest difference is ${formatScore(Math.max(...differences))}.`;
}

function isEqual(ours: Float32Array, theirs: Float32Array): boolean {
  return equalCount(ours, theirs) === ours.length;
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
