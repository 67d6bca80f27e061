// How the numbers in extras.ts were chosen: a grid, each point scored by its mean over ten seeds other than those compared. Held-out
// rows are left alone: a fifth of the rows to train on takes their place.
import { startWasmBackend } from "../shared/backend.js";
import { type Digits, splitDigits } from "./data.js";
import { loadDigits } from "./load.js";
import { type Options, parseOptions, type RmspropChoices } from "./options.js";
import { meanOf } from "./statistics.js";
import type { Score } from "./train.js";
import { SEEDS, scoreOfTrial } from "./trials.js";

const TUNING_SEEDS = SEEDS.map((seed) => SEEDS.length + seed);
const RATES = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064];
const AVERAGES = [0.99, 0.999];
const DECAYS = [0.03, 0.1, 0.3];

type Settings = Pick<Options, "schedule"> & { readonly rmsprop: Partial<RmspropChoices> };

const CONSTANT: readonly Settings[] = RATES.map((learningRate) => ({
  schedule: "constant",
  rmsprop: { learningRate },
}));
const EXTENDED: readonly Settings[] = AVERAGES.flatMap((emaMomentum) =>
  DECAYS.flatMap((weightDecay) => RATES.map((learningRate) => extended({ learningRate, weightDecay, emaMomentum }))),
);

/** Prints the mean scores of every point, and the most accurate one with a constant rate and with the extras. */
export async function printTuning(): Promise<void> {
  await startWasmBackend();
  const digits = loadDigits();
  console.log("accuracy     loss   settings, scored by means over ten seeds");
  for (const grid of [CONSTANT, EXTENDED]) console.log(`best: ${await bestOf(grid, digits)}\n`);
}

function extended(rmsprop: Partial<RmspropChoices>): Settings {
  return { schedule: "cosine", rmsprop: { ...rmsprop, useEma: true } };
}

/** Of equal accuracies the lower loss is better. */
async function bestOf(grid: readonly Settings[], digits: Digits): Promise<string> {
  const rows = [];
  for (const settings of grid) {
    const row = { words: JSON.stringify(settings), ...(await meanScoreOf(settings, digits)) };
    console.log(`${row.accuracy.toFixed(4).padStart(8)} ${row.loss.toFixed(4).padStart(8)}   ${row.words}`);
    rows.push(row);
  }
  const [best] = rows.toSorted((a, b) => b.accuracy - a.accuracy || a.loss - b.loss);
  return best?.words ?? "";
}

async function meanScoreOf({ schedule, rmsprop }: Settings, digits: Digits): Promise<Score> {
  const scores: Score[] = [];
  for (const seed of TUNING_SEEDS) {
    const defaults = parseOptions(["--seed", String(seed)]);
    const data = splitDigits(splitDigits(digits, seed).training, seed);
    scores.push(await scoreOfTrial({ ...defaults, schedule, rmsprop: { ...defaults.rmsprop, ...rmsprop } }, data));
  }
  return { accuracy: meanOf(scores.map(({ accuracy }) => accuracy)), loss: meanOf(scores.map(({ loss }) => loss)) };
}
