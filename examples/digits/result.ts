// The result of `npm run start:seeds`: what it holds, the file where it is kept, and what follows from it in words.
import { readFileSync, writeFileSync } from "node:fs";
import { BEST_CONSTANT_RATE, EXTRAS, EXTRAS_IN_WORDS } from "./extras.js";
import { meanOf, type Summary, summaryOf } from "./statistics.js";
import type { Score } from "./train.js";

const FILE = new URL("./seeds.json", import.meta.url);

/** The settings that are compared: all defaults, the best constant learning rate, and what only this package has. */
export const ARMS = ["defaults", "bestRate", "extended"] as const;
export type Arm = (typeof ARMS)[number];

/** The held-out scores of one seed. */
export type Trial = { readonly seed: number } & { readonly [arm in Arm]: Score };

/** The scores, and the settings that they were made with. */
export interface Result {
  readonly settings: object;
  readonly trials: readonly Trial[];
}

export function resultOf(trials: readonly Trial[]): Result {
  const settings = { bestRate: { learningRate: BEST_CONSTANT_RATE }, extended: { schedule: "cosine", ...EXTRAS } };
  return { settings, trials };
}

export function readResult(): Result {
  return JSON.parse(readFileSync(FILE, "utf8")) as Result; // written below
}

export function writeResult(result: Result): void {
  writeFileSync(FILE, `${JSON.stringify(result, null, 2)}\n`);
}

/** Percent of the held-out digits that are told right. */
export function accuracyOf({ trials }: Result, arm: Arm): Summary {
  return summaryOf(trials.map((trial) => 100 * trial[arm].accuracy));
}

/** Percentage points by which the extended run is ahead of `other`, seed by seed. */
export function leadOver({ trials }: Result, other: Arm): Summary {
  return summaryOf(trials.map(({ extended, [other]: rival }) => 100 * (extended.accuracy - rival.accuracy)));
}

/** The mean of the held-out losses. */
export function meanLossOf({ trials }: Result, arm: Arm): number {
  return meanOf(trials.map((trial) => trial[arm].loss));
}

/** The scores of all arms, as two sentences. */
export function scoresInWords(result: Result): string {
  const [defaults, bestRate, extended] = ARMS.map((arm) => spreadInWords(accuracyOf(result, arm), "%"));
  const arms = [
    `${defaults} with the defaults`,
    `${bestRate} at the best constant learning rate (${BEST_CONSTANT_RATE})`,
    `${extended} with ${EXTRAS_IN_WORDS}`,
  ];
  const losses = ARMS.map((arm) => meanLossOf(result, arm).toFixed(3)).join(", ");
  const head = `Held-out accuracy over ${result.trials.length} seeds (npm run start:seeds), mean ± standard deviation`;
  return `${head}: ${arms.join(", ")}. Held-out loss in the same order: ${losses}.`;
}

/** What the extras gain or lose, as the end of a sentence. */
export function gainInWords(result: Result): string {
  const defaults = `${leadInWords(result, "defaults")} than with the defaults`;
  const bestRate = `${leadInWords(result, "bestRate")} than at the best constant learning rate`;
  return `with ${EXTRAS_IN_WORDS} a held-out accuracy ${defaults}, and ${bestRate} (${result.trials.length} seeds)`;
}

/** A mean that is less than two standard errors from 0 says nothing about its sign. */
function leadInWords(result: Result, other: Arm): string {
  const { mean, deviation } = leadOver(result, other);
  const isChance = Math.abs(mean) < (2 * deviation) / Math.sqrt(result.trials.length);
  const direction = mean < 0 ? "lower" : "higher";
  return `${spreadInWords({ mean: Math.abs(mean), deviation })} points ${direction}${isChance ? " (within chance)" : ""}`;
}

/** `97.1% ± 0.8` */
export function spreadInWords({ mean, deviation }: Summary, unit = ""): string {
  return `${mean.toFixed(1)}${unit} ± ${deviation.toFixed(1)}`;
}
