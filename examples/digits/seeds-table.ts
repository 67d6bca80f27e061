// What `npm run start:seeds` prints: a row for each seed, then means, spreads and differences.
import { BEST_CONSTANT_RATE, EXTRAS_IN_WORDS } from "./extras.js";
import {
  ARMS,
  type Arm,
  accuracyOf,
  leadOver,
  meanLossOf,
  type Result,
  scoresInWords,
  spreadInWords,
  type Trial,
} from "./result.js";

const NAMES: { readonly [arm in Arm]: string } = {
  defaults: "defaults",
  bestRate: `rate ${BEST_CONSTANT_RATE}`,
  extended: EXTRAS_IN_WORDS,
};
const LABEL_WIDTH = 10;
const CELL_WIDTH = 13;

/** Prints the names of the columns. */
export function printHeadOfSeeds(): void {
  console.log("Held-out accuracy and loss\n");
  printRow("seed", (arm) => NAMES[arm]);
}

/** Prints accuracy and loss of a seed. */
export function printTrial(trial: Trial): void {
  printRow(String(trial.seed), (arm) => `${trial[arm].accuracy.toFixed(4)} ${trial[arm].loss.toFixed(4)}`);
}

/** Prints what all seeds say together. */
export function printSummaryOfSeeds(result: Result): void {
  printRow("mean", (arm) => `${(accuracyOf(result, arm).mean / 100).toFixed(4)} ${meanLossOf(result, arm).toFixed(4)}`);
  printRow("deviation", (arm) => `${(accuracyOf(result, arm).deviation / 100).toFixed(4)}       `);
  console.log(`\n${scoresInWords(result)}`);
  for (const other of ["bestRate", "defaults"] as const) {
    console.log(
      `${EXTRAS_IN_WORDS} minus ${NAMES[other]}, seed by seed: ${spreadInWords(leadOver(result, other))} points; ${countsOf(result, other)}.`,
    );
  }
}

/** Prints a row: a cell for each arm under its name. */
function printRow(label: string, cellOf: (arm: Arm) => string): void {
  const cells = ARMS.map((arm) => cellOf(arm).padStart(Math.max(NAMES[arm].length, CELL_WIDTH)));
  console.log(label.padEnd(LABEL_WIDTH) + cells.join("   "));
}

function countsOf({ trials }: Result, other: Arm): string {
  const leads = trials.map(({ extended, [other]: rival }) => Math.sign(extended.accuracy - rival.accuracy));
  const [ahead, equal, behind] = [1, 0, -1].map((sign) => leads.filter((lead) => lead === sign).length);
  return `ahead in ${ahead}, equal in ${equal}, behind in ${behind}`;
}
