// Takes turns: in each round every contender has one, so that the moods of the machine meet all of them alike. What the
// times become is in statistics.ts.
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender, Effort, Lineup } from "./contender.js";

/** Milliseconds of one step: by contender, then by round. */
export type Samples = readonly (readonly number[])[];

const CHECKED_STEPS = 3;
/** Relative to how far a weight has moved: the peers place epsilon and roundings differently. */
const TOLERANCE = 0.02;
const PAUSE_MS = 30;

/** Checks that all do the same work, warms them up, and measures. */
export async function takeTurns({ contenders }: Lineup, effort: Effort): Promise<Samples> {
  await checkAgreement(contenders);
  const counts: number[] = [];
  for (const contender of contenders) counts.push(await warmUp(contender, effort));
  const samples = contenders.map((): number[] => []);
  const end = performance.now() + effort.budgetMs;
  for (let round = 0; round < effort.maxRounds; round++) {
    if (round >= effort.minRounds && performance.now() > end) break;
    for (let turn = 0; turn < contenders.length; turn++) {
      // There and back, so that nobody always comes after the same one.
      const index = round % 2 === 0 ? turn : contenders.length - 1 - turn;
      const count = counts[index] ?? 1;
      samples[index]?.push(((await contenders[index]?.time(count)) ?? Number.NaN) / count);
    }
  }
  return samples;
}

/** Runs until the optimizing compilers have taken over; returns how many steps make a turn. */
async function warmUp(contender: Contender, { warmUpMs, turnMs }: Effort): Promise<number> {
  if (warmUpMs === 0) return 1;
  const end = performance.now() + warmUpMs;
  let count = 1;
  let fastest = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < 3 || performance.now() < end; batch++) {
    const elapsed = await contender.time(count);
    fastest = Math.min(fastest, elapsed / count);
    if (elapsed < turnMs) count *= 2;
    // The compilers work beside; what they made is taken up between calls.
    if (batch < 3) await sleep(PAUSE_MS);
  }
  return Math.max(1, Math.ceil(turnMs / fastest));
}

/** The first steps, from the same start: those who can be compared must be where the first of them is. */
async function checkAgreement(contenders: readonly Contender[]): Promise<void> {
  let expected: { readonly name: string; readonly moved: readonly number[] } | undefined;
  for (const contender of contenders) {
    if (!contender.peek) continue;
    const before = Array.from(await contender.peek());
    await contender.time(CHECKED_STEPS);
    const after = await contender.peek();
    const moved = before.map((weight, i) => (after[i] ?? Number.NaN) - weight);
    expected ??= { name: contender.name, moved };
    const first = expected;
    const agrees = moved.every((distance, i) => {
      const wanted = first.moved[i] ?? Number.NaN;
      return Math.abs(distance - wanted) <= TOLERANCE * Math.abs(wanted);
    });
    if (agrees && moved.length > 0) continue;
    throw new Error(`${contender.name} moved the weights by ${moved}, ${first.name} by ${first.moved}.`);
  }
}
