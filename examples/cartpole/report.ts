// All that is printed on stdout: what will be done, a row for every few episodes, and what was learned.
import { printFacts } from "../shared/program.js";
import { ACTIONS } from "./cart-pole.js";
import type { Options } from "./options.js";
import { type Episode, meanOf, type Run } from "./train.js";

/** Episodes in one row. */
export const ROW = 10;
const COLUMNS = ["episodes", " pushes", "mean return", "best", "random", "    loss"] as const;

/** Prints what will be done, and the head of the table. */
export function printPlan(options: Options, network: string, backend: string): void {
  printFacts([
    [
      "Task",
      `push a cart left or right (${ACTIONS} choices) so that its pole stands; 1 a push, at most ${options.maxSteps}`,
    ],
    ["Network", `${network}; double Q-learning with replay and a target network, Huber loss`],
    ["RMSprop", settingsOf(options)],
    ["Backend", backend],
    ["Steps", `${options.steps} pushes, batches of ${options.batchSize} (seed ${options.seed})`],
  ]);
  console.log(`\n${COLUMNS.join("   ")}`);
}

/** Prints one row: the last few episodes together. */
export function printRow(episodes: readonly Episode[]): void {
  const last = episodes.at(-1);
  if (last === undefined) return;
  const scores = episodes.map(({ score }) => score);
  const losses = episodes.map(({ loss }) => loss).filter((loss) => !Number.isNaN(loss));
  const cells = [
    `${episodes[0]?.episode}-${last.episode}`,
    String(last.step),
    meanOf(scores).toFixed(1),
    String(Math.max(...scores)),
    `${(100 * last.epsilon).toFixed(0)}%`,
    losses.length === 0 ? "-" : meanOf(losses).toFixed(4),
  ];
  console.log(cells.map((cell, i) => cell.padStart(COLUMNS[i]?.length ?? 0)).join("   "));
}

/** Prints what came of it. */
export function printResult({ before, after }: Run): void {
  console.log(`\nMean return of ${after.length} episodes without random pushes, from starts that learning never saw:`);
  console.log(`${meanOf(before).toFixed(1)} before, ${meanOf(after).toFixed(1)} after\n`);
}

/** Two lines below the title of the picture: what was run, and what came of it. */
export function captionOf(options: Options, { before, after }: Run): string {
  const scores = `${meanOf(before).toFixed(1)} before, ${meanOf(after).toFixed(1)} after`;
  return `${settingsOf(options)}, seed ${options.seed}\nwithout random pushes: ${scores} (means of ${after.length} episodes)`;
}

function settingsOf({ learningRate, rho, momentum, epsilon, centered, useEma }: Options): string {
  const rate = `learning rate ${learningRate} along a cosine`;
  const further = [...(centered ? ["centered"] : []), ...(useEma ? ["use ema"] : [])];
  return [rate, `rho ${rho}`, `momentum ${momentum}`, `epsilon ${epsilon}`, ...further].join(", ");
}
