// Means and spreads.

/** A mean, and the standard deviation of the values around it. */
export interface Summary {
  readonly mean: number;
  readonly deviation: number;
}

/** Of two values or more. */
export function summaryOf(values: readonly number[]): Summary {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** NaN of none. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
