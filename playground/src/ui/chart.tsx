// A line chart by uPlot that follows its data, the width of its place and the colours of the page.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { alignedData, type Curve, logRange } from "./chart-data.js";
import { onTheme } from "./follow.js";

interface ChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** A logarithmic scale, on which only what is above zero can be drawn. */
  readonly log: boolean;
  /** What such a scale shows at most, so that a curve that goes astray does not press the others flat; null without a limit. */
  readonly ceiling: number | null;
  /** What is said instead where none of the curves has values. */
  readonly none: string;
}

const HEIGHT = 190;
const MOST_LABELS = 5;
/** Steps and epochs are whole: what may lie between two labels. */
const WHOLE = [1, 10, 100, 1000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);

export function Chart({ title, curves, log, ceiling, none }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shape = JSON.stringify([log, ceiling, ...curves.map(({ label, color, dashed }) => [label, color, dashed])]);
  // Only another set of curves needs another chart; new values go into the one that is there.
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const made = new uPlot(optionsOf(current, curves, { log, ceiling }), alignedData(curves, log), current);
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: HEIGHT }));
    resized.observe(current);
    const stop = onTheme(() => made.redraw(false));
    return () => {
      stop();
      resized.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape]);
  useEffect(() => chart.current?.setData(alignedData(curves, log)));
  const isEmpty = none !== "" && curves.every(({ values }) => values === null);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      {isEmpty && <p class="quiet">{none}</p>}
      <div ref={place} class="chart" role="img" aria-label={labelOf(title, curves)} />
    </figure>
  );
}

/** The newest number of each curve in words, for those who do not see it. */
function labelOf(title: string, curves: readonly Curve[]): string {
  const ends = curves.flatMap(({ label, values }) => {
    const last = values?.at(-1);
    return last === undefined ? [] : [`${label}: ${shortNumber(last)}`];
  });
  return `Curves of ${title}. Last: ${ends.join("; ") || "nothing yet"}`;
}

function optionsOf(
  place: HTMLElement,
  curves: readonly Curve[],
  { log, ceiling }: Pick<ChartProps, "log" | "ceiling">,
): uPlot.Options {
  // Asked for at each drawing: the colours of the page may have changed.
  const colorOf = (name: string) => () => getComputedStyle(place).getPropertyValue(name);
  const axis = { stroke: colorOf("--quiet"), ticks: { show: false }, grid: { show: false } };
  const grid = { show: true, stroke: colorOf("--faint"), width: 1 };
  return {
    ...{ width: place.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { show: false } },
    scales: { x: { time: false }, y: log ? { distr: 3, range: (_, low, high) => logRange(low, high, ceiling) } : {} },
    axes: [
      { ...axis, size: 28, incrs: WHOLE },
      {
        ...{ ...axis, grid, size: 62 },
        values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : shortNumber(tick))),
        ...(log ? { splits: (_: uPlot, __: number, low: number, high: number) => decades(low, high) } : {}),
      },
    ],
    series: [
      {},
      ...curves.map(({ label, color, dashed }, i) => ({
        // The first ones are wider, so that one that lies below another is seen.
        ...{ label, stroke: colorOf(color), width: 1.5 + (2 * (curves.length - 1 - i)) / curves.length },
        points: { show: false },
        ...(dashed ? { dash: [5, 5] } : {}),
      })),
    ],
  };
}

/** Some powers of ten from low to high, evenly apart. */
function decades(low: number, high: number): number[] {
  const [bottom, top] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const apart = Math.max(1, Math.ceil((top - bottom) / MOST_LABELS));
  return Array.from({ length: Math.floor((top - bottom) / apart) + 1 }, (_, i) => 10 ** (top - i * apart)).reverse();
}

/** A number in few characters. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(4)));
  return value.toExponential(1).replace(".0e", "e");
}
