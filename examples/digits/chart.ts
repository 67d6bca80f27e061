// The picture: training and held-out loss of both runs over the epochs, as SVG and PNG.
import type { EChartsOption, LineSeriesOption } from "echarts";
import { writePicture } from "../shared/picture.js";
import type { NamedRun } from "./report.js";

const WIDTH = 1100;
const HEIGHT = 680;
const MARGIN_RIGHT = 110;
/** Ends of curves no farther apart than this, as the logarithm of their ratio, share a label. */
const NEAR = 0.3;
const WIDE = 7;
const THIN = 1.8;
const TRAINING = { wide: "#a8c8ec", thin: "#1a4f8f" };
const HELD_OUT = { wide: "#f5c08a", thin: "#a8480a" };

/** Writes loss.svg and loss.png into `folder` (which exists) and returns their paths. `caption` stands below the title. */
export function writeChart(folder: string, caption: string, ours: NamedRun, theirs: NamedRun): string[] {
  return writePicture(folder, "loss", chartOption(caption, ours, theirs), { width: WIDTH, height: HEIGHT, zoom: 2 });
}

function chartOption(caption: string, ours: NamedRun, theirs: NamedRun): EChartsOption {
  const series = curvesOf(ours, theirs);
  const ticks = ticksAround(series.flatMap(({ points }) => points.map(([, loss]) => loss)));
  const axis = { nameLocation: "middle", nameTextStyle: { fontSize: 14 } } as const;
  return {
    title: {
      text: `Handwritten digits: loss with ${ours.name} and with ${theirs.name}`,
      subtext: caption,
      left: 24,
      top: 16,
      textStyle: { fontSize: 20 },
      subtextStyle: { fontSize: 13, lineHeight: 19, color: "#555", width: WIDTH - 48, overflow: "truncate" },
    },
    legend: {
      left: "center",
      bottom: 16,
      itemWidth: 44,
      itemGap: 24,
      textStyle: { fontSize: 13 },
      lineStyle: { width: "inherit" },
      itemStyle: { opacity: 0 },
    },
    grid: { left: 84, right: MARGIN_RIGHT, top: 104, bottom: 104 },
    xAxis: {
      ...axis,
      type: "value",
      name: "epoch",
      nameGap: 34,
      max: ours.run.epochs.length,
      minInterval: 1,
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      type: "log",
      name: "cross-entropy per digit (nats, log scale)",
      nameGap: 58,
      min: ticks.at(0) ?? 1e-3,
      max: ticks.at(-1) ?? 10,
      axisLabel: { customValues: ticks },
      axisTick: { show: true, customValues: ticks },
      splitLine: { lineStyle: { color: "#e8e8e8" } },
    },
    series: series.map(toSeries),
  };
}

type Point = [epoch: number, loss: number];

/** A curve before it is ECharts': `label` stands at its right end. */
interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  readonly color: string;
  readonly width: number;
  readonly label: string;
  readonly labelColor: string;
}

/** Wide and pale lies ours, thin and dark on it theirs: both can be seen where they are the same. */
function curvesOf(ours: NamedRun, theirs: NamedRun): Curve[] {
  // The training loss is a mean over the epoch, so it belongs to its middle; the held-out loss is taken at its end.
  const training = ({ run }: NamedRun): Point[] =>
    run.epochs.map(({ epoch, training }) => [epoch - 0.5, training.loss]);
  const heldOut = ({ run }: NamedRun): Point[] => run.epochs.map(({ epoch, heldOut }) => [epoch, heldOut.loss]);
  return [
    ...pairOf("training", ours, theirs, training, TRAINING),
    ...pairOf("held out", ours, theirs, heldOut, HELD_OUT),
  ];
}

/** Both curves of one kind. One label is enough where they end near each other. */
function pairOf(
  kind: string,
  ours: NamedRun,
  theirs: NamedRun,
  pointsOf: (named: NamedRun) => Point[],
  { wide, thin }: typeof TRAINING,
): Curve[] {
  const [points, theirPoints] = [pointsOf(ours), pointsOf(theirs)];
  const ratio = (points.at(-1)?.[1] ?? 0) / (theirPoints.at(-1)?.[1] ?? 0);
  const label = Math.abs(Math.log(ratio)) < NEAR ? "" : kind;
  return [
    { name: `${kind}, ${ours.name}`, points, color: wide, width: WIDE, label, labelColor: thin },
    { name: `${kind}, ${theirs.name}`, points: theirPoints, color: thin, width: THIN, label: kind, labelColor: thin },
  ];
}

function toSeries({ name, points, color, width, label, labelColor }: Curve): LineSeriesOption {
  return {
    name,
    type: "line",
    data: points.filter(([, loss]) => isDrawable(loss)),
    symbol: points.length === 1 ? "circle" : "none",
    symbolSize: width * 2,
    color,
    lineStyle: { width, cap: "round", join: "round" },
    endLabel: {
      show: label !== "",
      formatter: label,
      color: labelColor,
      fontSize: 14,
      fontWeight: "bold",
      lineHeight: 18,
    },
    labelLayout: { x: WIDTH - MARGIN_RIGHT + 12, moveOverlap: "shiftY" },
  };
}

/** 1, 2 and 5 times the powers of ten, from just below the smallest loss to just above the largest. */
function ticksAround(losses: readonly number[]): number[] {
  const drawable = losses.filter(isDrawable);
  const [low, high] = [Math.min(...drawable), Math.max(...drawable)];
  const powers = Array.from({ length: 60 }, (_, index) => index - 30);
  const ticks = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  return ticks.filter((_, index) => (ticks[index + 1] ?? 0) > low && (ticks[index - 1] ?? 0) < high);
}

/** A log scale has no place for zero, and a chart none for NaN. */
function isDrawable(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
