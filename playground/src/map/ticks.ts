// Round numbers along an axis.

/** The multiples of 1, 2 or 5 times a power of ten that lie between, about `most` of them. */
export function ticksOf(low: number, high: number, most: number): readonly number[] {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const apart = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / apart - 1e-9);
  const last = Math.floor(high / apart + 1e-9);
  // Added to 0, so that none is -0.
  return Array.from({ length: last - first + 1 }, (_, i) => 0 + Number(((first + i) * apart).toPrecision(12)));
}
