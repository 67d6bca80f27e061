// Curves as the columns that uPlot takes, with no more points than can be seen.
import type uPlot from "uplot";

export interface Curve {
  readonly label: string;
  readonly color: string;
  readonly dashed: boolean;
  /** One for each step from step 0; null where there is no such thing. */
  readonly values: Float64Array | null;
}

/** Steps that share two points of a drawing: the least and the greatest of them, in their order. */
const MOST_BUCKETS = 400;

/** The steps, and for each curve its values there; null where nothing can be drawn. */
export function alignedData(curves: readonly Pick<Curve, "values">[], log: boolean): uPlot.AlignedData {
  const length = Math.max(0, ...curves.map(({ values }) => values?.length ?? 0));
  const size = Math.ceil(length / MOST_BUCKETS);
  if (size <= 2) {
    const steps = Array.from({ length }, (_, step) => step);
    return [steps, ...curves.map(({ values }) => steps.map((step) => drawable(values?.[step], log)))];
  }
  const starts = Array.from({ length: Math.ceil(length / size) }, (_, bucket) => bucket * size);
  const steps = starts.flatMap((start) => [start, start + size / 2]);
  const columns = curves.map(({ values }) => starts.flatMap((start) => extremes(values, start, size, log)));
  // The last one is where the runs are now.
  return [
    [...steps, length - 1],
    ...curves.map(({ values }, i) => [...(columns[i] ?? []), drawable(values?.[length - 1], log)]),
  ];
}

/** Decades that a logarithmic scale shows at most: what lies lower is zero for all that can be seen. */
const MOST_DECADES = 12;

/** Whole decades around the values, of which none may be above the ceiling's. */
export function logRange(low: number | null, high: number | null, ceiling: number | null): [number, number] {
  const highest = Math.min(high ?? 1, ceiling ?? Number.POSITIVE_INFINITY);
  const top = Math.ceil(Math.log10(highest) - 1e-9);
  const bottom = Math.floor(Math.log10(low ?? 0.1) + 1e-9);
  return [10 ** Math.max(top - MOST_DECADES, Math.min(bottom, top - 1)), 10 ** top];
}

function extremes(
  values: Float64Array | null,
  start: number,
  size: number,
  log: boolean,
): [number | null, number | null] {
  let [least, greatest] = [-1, -1];
  const end = Math.min(start + size, values?.length ?? 0);
  for (let step = start; step < end; step++) {
    const value = drawable(values?.[step], log);
    if (value === null) continue;
    if (least < 0 || value < (values?.[least] ?? 0)) least = step;
    if (greatest < 0 || value > (values?.[greatest] ?? 0)) greatest = step;
  }
  const at = (step: number): number | null => (step < 0 ? null : (values?.[step] ?? null));
  return [at(Math.min(least, greatest)), at(Math.max(least, greatest))];
}

function drawable(value: number | undefined, log: boolean): number | null {
  return value !== undefined && Number.isFinite(value) && (!log || value > 0) ? value : null;
}

/** A curve's value at a step, in words. */
export interface Reading extends Pick<Curve, "label" | "color" | "dashed"> {
  readonly text: string;
}

/** The value of each curve there, of those that have any. */
export function readingsAt(curves: readonly Curve[], step: number): readonly Reading[] {
  return curves.flatMap(({ values, ...curve }) => {
    if (values === null) return [];
    const value = values[step];
    // A curve that ended before, or has no value there.
    return [{ ...curve, text: value === undefined ? "–" : shortNumber(value) }];
  });
}

/** The last step of the longest curve, or -1 before there is any. */
export function lastStep(curves: readonly Pick<Curve, "values">[]): number {
  return Math.max(0, ...curves.map(({ values }) => values?.length ?? 0)) - 1;
}

/** A number in few characters. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(4)));
  return value.toExponential(1).replace(".0e", "e");
}
