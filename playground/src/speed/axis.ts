// The logarithmic axis of the bars: where it begins and ends, and what is marked on it.

interface Axis {
  readonly ticks: readonly number[];
  /** How far along the axis a value is, from 0 to 1. */
  share(value: number): number;
}

/** Marks at 1, 2 and 5 of each decade; over more decades than these only at its beginning. */
const FEW_DECADES = 2.7;

/** From well below the least value, so that its bar is seen, to the greatest or above it. */
export function logAxis(values: readonly number[]): Axis {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const decades = Math.log10(greatest / least);
  const steps = decades > FEW_DECADES ? [1] : [1, 2, 5];
  const powers = Array.from({ length: 40 }, (_, i) => i - 20);
  const marks = powers.flatMap((power) => steps.map((step) => Number(`${step}e${power}`)));
  const low = marks.findLast((mark) => mark <= least / 1.5) ?? least / 2;
  const high = marks.find((mark) => mark >= greatest) ?? greatest;
  const ticks = marks.filter((mark) => mark >= low && mark <= high);
  return { ticks, share: (value) => Math.log(value / low) / Math.log(high / low) };
}
