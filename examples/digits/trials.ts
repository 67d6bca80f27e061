// Runs of RMSprop from which nothing is wanted but their score at the end; those of ten seeds are printed as a table and kept.
import { startWasmBackend } from "../shared/backend.js";
import { type Digits, type Split, splitDigits } from "./data.js";
import { BEST_CONSTANT_RATE, withExtras } from "./extras.js";
import { loadDigits } from "./load.js";
import { createModel, createRmsprop } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { resultOf, type Trial, writeResult } from "./result.js";
import { printHeadOfSeeds, printSummaryOfSeeds, printTrial } from "./seeds-table.js";
import { type Score, train } from "./train.js";

/** The seeds of the comparison. */
export const SEEDS: readonly number[] = Array.from({ length: 10 }, (_, seed) => seed);

/** Trains, prints the table, and writes the result. */
export async function compareSeeds(): Promise<void> {
  await startWasmBackend();
  const digits = loadDigits();
  const trials: Trial[] = [];
  printHeadOfSeeds();
  for (const seed of SEEDS) {
    const trial = await trialOf(digits, seed);
    printTrial(trial);
    trials.push(trial);
  }
  const result = resultOf(trials);
  printSummaryOfSeeds(result);
  writeResult(result);
}

async function trialOf(digits: Digits, seed: number): Promise<Trial> {
  const data = splitDigits(digits, seed);
  const defaults = parseOptions(["--seed", String(seed)]);
  const bestRate = { ...defaults, rmsprop: { ...defaults.rmsprop, learningRate: BEST_CONSTANT_RATE } };
  return {
    seed,
    defaults: await scoreOfTrial(defaults, data),
    bestRate: await scoreOfTrial(bestRate, data),
    extended: await scoreOfTrial(withExtras(defaults), data),
  };
}

/** Trains on `data.training`, and scores the final weights on `data.heldOut`. */
export async function scoreOfTrial(options: Options, data: Split): Promise<Score> {
  const steps = options.epochs * Math.ceil(data.training.labels.length / options.batchSize);
  const optimizer = createRmsprop(options, steps);
  const model = createModel(options.seed, optimizer);
  const { score } = await train(model, data, options, { onStep: () => undefined, onEpoch: () => undefined });
  for (const made of [model, optimizer]) made.dispose();
  return score;
}
