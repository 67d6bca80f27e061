// What the command line decides, as far as tables look at it, and what follows from it.
import type { Effort } from "./contender.js";

export interface Settings {
  /** A fraction of the time: fewer sizes, fewer rounds. */
  readonly quick: boolean;
  /** The numbers of threads to measure with, from 1 up: those that this machine really gives. */
  readonly threads: readonly number[];
}

/** How long each line-up is measured. */
export function effortOf({ quick }: Settings): Effort {
  return quick
    ? { warmUpMs: 120, turnMs: 2, budgetMs: 350, minRounds: 5, maxRounds: 25 }
    : { warmUpMs: 400, turnMs: 4, budgetMs: 2500, minRounds: 9, maxRounds: 75 };
}
