// A line chart by uPlot that follows its data, the width of its place and the colours of the page. Its legend has the values
// at the pointer, or where the arrow keys are, or at the mark.
import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { alignedData, type Curve, lastStep, readingsAt } from "./chart-data.js";
import { Legend } from "./chart-legend.js";
import { type ChartShape, HEIGHT, optionsOf } from "./chart-options.js";
import { onTheme } from "./follow.js";
import { soughtStep } from "./sought-step.js";

interface ChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** A logarithmic scale, on which only what is above zero can be drawn. */
  readonly log: boolean;
  /** What such a scale shows at most, so that a curve that goes astray does not press the others flat; null without a limit. */
  readonly ceiling: number | null;
  /** What is said instead where none of the curves has values. */
  readonly none: string;
  /** The step whose values are read where none is looked at; the last one unless given. */
  readonly mark?: number;
  /** What is counted along the horizontal axis; "step" unless given. */
  readonly across?: string;
  /** The title of the vertical axis; the chart's own unless given. */
  readonly up?: string;
}

export function Chart(props: ChartProps): JSX.Element {
  const { title, curves, log, ceiling, none, mark = Number.POSITIVE_INFINITY, across = "step", up = title } = props;
  const last = lastStep(curves);
  const [place, looked, look] = usePlot(curves, { log, ceiling, across, up });
  const step = Math.min(looked ?? mark, last);
  const readings = readingsAt(curves, step);
  const isEmpty = none !== "" && curves.every(({ values }) => values === null);
  const spoken = readings.map(({ label, text }) => `${label}: ${text}`).join("; ");
  return (
    <figure>
      <figcaption>{title}</figcaption>
      {isEmpty && <p class="quiet">{none}</p>}
      <div
        ref={place}
        class="chart"
        role="slider"
        tabIndex={0}
        aria-label={`Curves of ${title}, by ${across}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.max(0, step)}
        aria-valuetext={last < 0 ? "nothing yet" : `${across} ${step}. ${spoken}`}
        onKeyDown={(event) => look(soughtStep(event, step, last))}
        onBlur={() => look(null)}
      />
      <Legend readings={readings} at={last < 0 ? "" : `${across} ${step}`} />
    </figure>
  );
}

type Look = (step: number | null | undefined) => void;

/** The place of the plot; the step that is looked at, or null; and a way to look at another one, or at none. */
function usePlot(
  curves: readonly Curve[],
  shape: ChartShape,
): readonly [RefObject<HTMLDivElement | null>, number | null, Look] {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  /** The step that keys have led to: until the pointer moves, it does not count. */
  const keyed = useRef<number | null>(null);
  const [looked, setLooked] = useState<number | null>(null);
  // Only another set of curves needs another chart; new values go into the one that is there.
  const made = JSON.stringify([shape, ...curves.map(({ label, color, dashed }) => [label, color, dashed])]);
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const point = (step: number | null): void => {
      if (keyed.current === null) setLooked(step);
    };
    const plot = new uPlot(optionsOf(current, curves, shape, point), alignedData(curves, shape.log), current);
    chart.current = plot;
    const resized = new ResizeObserver(() => plot.setSize({ width: current.clientWidth, height: HEIGHT }));
    resized.observe(current);
    const take = (): void => {
      keyed.current = null;
    };
    current.addEventListener("pointermove", take, { capture: true });
    const stop = onTheme(() => plot.redraw(false));
    return () => {
      stop();
      resized.disconnect();
      current.removeEventListener("pointermove", take, { capture: true });
      plot.destroy();
      chart.current = null;
    };
  }, [made]);
  useEffect(() => chart.current?.setData(alignedData(curves, shape.log)), [curves, shape.log]);
  const look: Look = (step) => {
    if (step === undefined || (step === null && keyed.current === null)) return;
    keyed.current = step;
    setLooked(step);
    const left = step === null ? -10 : (chart.current?.valToPos(step, "x") ?? -10);
    chart.current?.setCursor({ left, top: 0 }, false);
  };
  return [place, looked, look];
}
