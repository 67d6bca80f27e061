// A line chart by uPlot that follows its data and the width of its place.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface Curve {
  readonly label: string;
  readonly color: string;
  readonly dashed: boolean;
  readonly values: readonly number[];
}

interface ChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** A logarithmic scale, on which only what is above zero can be drawn. */
  readonly log: boolean;
}

const HEIGHT = 190;

/** The curves over the steps, from step 0. */
export function Chart({ title, curves, log }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shape = JSON.stringify([log, ...curves.map(({ label, color, dashed }) => [label, color, dashed])]);
  // Only another set of curves needs another chart; new values go into the one that is there.
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const made = new uPlot(optionsOf(current, curves, log), dataOf(curves, log), current);
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: HEIGHT }));
    resized.observe(current);
    return () => {
      resized.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape]);
  useEffect(() => chart.current?.setData(dataOf(curves, log)));
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div ref={place} class="chart" role="img" aria-label={`${title}; the numbers are in the table above`} />
    </figure>
  );
}

function optionsOf(place: HTMLElement, curves: readonly Curve[], log: boolean): uPlot.Options {
  const style = getComputedStyle(place);
  const axis = {
    stroke: style.getPropertyValue("--quiet"),
    grid: { stroke: style.getPropertyValue("--line"), width: 1 },
    ticks: { show: false },
    size: 58,
  };
  return {
    ...{ width: place.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { show: false } },
    scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
    axes: [
      { ...axis, size: 28 },
      { ...axis, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : shortNumber(tick))) },
    ],
    series: [
      {},
      ...curves.map(({ label, color, dashed }) => ({
        ...{ label, stroke: style.getPropertyValue(color), width: 2, points: { show: false } },
        ...(dashed ? { dash: [5, 5] } : {}),
      })),
    ],
  };
}

function dataOf(curves: readonly Curve[], log: boolean): uPlot.AlignedData {
  const length = Math.max(0, ...curves.map(({ values }) => values.length));
  const drawable = (value: number | undefined): number | null =>
    value !== undefined && Number.isFinite(value) && (!log || value > 0) ? value : null;
  const steps = Array.from({ length }, (_, step) => step);
  return [steps, ...curves.map(({ values }) => steps.map((step) => drawable(values[step])))];
}

/** A number in few characters. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-3 && size < 1e5) ? String(Number(value.toPrecision(4))) : value.toExponential(1);
}
