// What a process that measured a case sends back, and what is saved.
import type { Facts } from "./contender.js";
import { ratioOf, type Summary, summaryOf } from "./statistics.js";

interface Measured {
  readonly name: string;
  /** Milliseconds of a step, by round. */
  readonly samples: readonly number[];
}

/** The figures of one case. The others are compared with the first. */
export interface Result {
  readonly facts: Facts;
  readonly parameters: number;
  readonly measured: readonly Measured[];
  /** Who could not take part, or why there are no figures at all. */
  readonly missing: readonly string[];
  /** What is to be known about the figures. */
  readonly notes?: readonly string[];
}

/** A contender's figures, ready to be printed and saved. */
export interface Figures {
  readonly name: string;
  readonly comparedWith: string | null;
  /** In milliseconds. */
  readonly step: Summary;
  /** How many times as long as what it is compared with. */
  readonly ratio: Summary | null;
  readonly rounds: number;
}

export function figuresOf({ measured }: Result): Figures[] {
  const [first] = measured;
  return measured.map(({ name, samples }) => {
    const step = summaryOf(samples);
    if (first === undefined || name === first.name)
      return { name, comparedWith: null, step, ratio: null, rounds: samples.length };
    return { name, comparedWith: first.name, step, ratio: ratioOf(samples, first.samples), rounds: samples.length };
  });
}
