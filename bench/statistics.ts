// Samples -> figures: minimum, median, quartiles; and the ratio of two contenders, round by round.

export interface Summary {
  readonly minimum: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/** `lower` and `upper` are the quartiles. */
export function summaryOf(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const quantile = (part: number): number => {
    const at = part * (sorted.length - 1);
    const below = sorted[Math.floor(at)] ?? Number.NaN;
    const above = sorted[Math.ceil(at)] ?? Number.NaN;
    return below + (above - below) * (at % 1);
  };
  return { minimum: quantile(0), lower: quantile(0.25), median: quantile(0.5), upper: quantile(0.75) };
}

/** The distance between the quartiles as a part of the median. */
export function spreadOf({ lower, median, upper }: Summary): number {
  return (upper - lower) / median;
}

/** How many times as long the one takes as the other. Both were measured within each round, so drifts cancel out. */
export function ratioOf(samples: readonly number[], others: readonly number[]): Summary {
  return summaryOf(samples.map((sample, round) => sample / (others[round] ?? Number.NaN)));
}
