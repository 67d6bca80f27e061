// How uPlot draws a chart of the page: axes with titles, a line at the pointer, colours that follow the theme.
import type uPlot from "uplot";
import { type Curve, logRange, shortNumber } from "./chart-data.js";

/** What decides the axes. */
export interface ChartShape {
  readonly log: boolean;
  readonly ceiling: number | null;
  readonly across: string;
  readonly up: string;
}

export const HEIGHT = 214;
const MOST_LABELS = 5;
const FONT = "12px system-ui, sans-serif";
/** Steps and epochs are whole: what may lie between two labels. */
const WHOLE = [1, 10, 100, 1000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);

/** `point` is told the step at the pointer, or null when it leaves. */
export function optionsOf(
  place: HTMLElement,
  curves: readonly Curve[],
  { log, ceiling, across, up }: ChartShape,
  point: (step: number | null) => void,
): uPlot.Options {
  // Asked for at each drawing: the colours of the page may have changed.
  const colorOf = (name: string) => () => getComputedStyle(place).getPropertyValue(name);
  const axis = { stroke: colorOf("--quiet"), ticks: { show: false }, grid: { show: false }, font: FONT };
  const title = { labelFont: FONT, labelSize: 18, labelGap: 0 };
  const grid = { show: true, stroke: colorOf("--faint"), width: 1 };
  return {
    ...{ width: place.clientWidth, height: HEIGHT, legend: { show: false } },
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { size: 7 } },
    hooks: { setCursor: [({ cursor, data }) => point(cursor.idx == null ? null : (data[0][cursor.idx] ?? null))] },
    scales: { x: { time: false }, y: log ? { distr: 3, range: (_, low, high) => logRange(low, high, ceiling) } : {} },
    axes: [
      { ...axis, ...title, label: across, size: 26, incrs: WHOLE },
      {
        ...{ ...axis, ...title, label: up, grid, size: 60 },
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
