// The logarithmic axis that the rates of both contestants share: whole decades around all of them.
import { BINS_PER_DECADE, FIRST_POWER, type Rates } from "../training/rates.js";

/** Powers of ten: the first and the last label of the axis. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export function spanOf(all: readonly Rates[]): Span {
  const used = all.flatMap(({ layers }) => layers.flatMap(({ counts }) => usedBins(counts)));
  if (used.length === 0) return { from: -3, to: 0 };
  const decade = (bin: number): number => bin / BINS_PER_DECADE + FIRST_POWER;
  return { from: Math.floor(decade(Math.min(...used))), to: Math.ceil(decade(Math.max(...used) + 1)) };
}

function usedBins(counts: readonly number[]): number[] {
  return counts.flatMap((count, bin) => (count > 0 ? [bin] : []));
}

/** The counts of the bins within a span. */
export function countsWithin(counts: readonly number[], { from, to }: Span): readonly number[] {
  return counts.slice((from - FIRST_POWER) * BINS_PER_DECADE, (to - FIRST_POWER) * BINS_PER_DECADE);
}

/** Where a rate is in a span, from 0 to 1. */
export function placeOf(rate: number, { from, to }: Span): number {
  return Math.min(1, Math.max(0, (Math.log10(rate) - from) / (to - from)));
}
