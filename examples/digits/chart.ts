// The picture: training and held-out loss of all runs over the epochs, as SVG and PNG.
import type { EChartsOption, LineSeriesOption } from "echarts";
import { writePicture } from "../shared/picture.js";
import type { NamedRun } from "./report.js";
import type { Epoch } from "./train.js";

const WIDTH = 1100;
const HEIGHT = 720;
const MARGIN_RIGHT = 224;
/** Ends of curves no farther apart than this, as the logarithm of their ratio, share a label. */
const NEAR = 0.3;
/** The runs in their order: dashed and dark on wide and pale, so that both can be seen where they are the same. */
const LINES = [
  { width: 7, type: "solid", z: 2 },
  { width: 2, type: "dashed", z: 3 },
  { width: 3, type: "solid", z: 4 },
] as const;
const KINDS = [
  // The training loss is a mean over the epoch, so it belongs to its middle; the held-out loss is taken at its end.
  {
    kind: "training",
    colors: ["#a8c8ec", "#1a4f8f", "#12856b"],
    pointOf: (each) => [each.epoch - 0.5, each.training.loss],
  },
  { kind: "held out", colors: ["#f5c08a", "#a8480a", "#b3246e"], pointOf: (each) => [each.epoch, each.heldOut.loss] },
] as const satisfies readonly Kind[];

/** Writes loss.svg and loss.png into `folder` (which exists) and returns their paths. `caption` stands below the title. */
export function writeChart(folder: string, caption: string, runs: readonly NamedRun[]): string[] {
  return writePicture(folder, "loss", chartOption(caption, runs), { width: WIDTH, height: HEIGHT, zoom: 2 });
}

function chartOption(caption: string, runs: readonly NamedRun[]): EChartsOption {
  const curves = KINDS.map((kind) => curvesOf(kind, runs));
  const ticks = ticksAround(curves.flat().flatMap(({ points }) => points.map(([, loss]) => loss)));
  const axis = { nameLocation: "middle", nameTextStyle: { fontSize: 14 } } as const;
  return {
    title: {
      text: "Handwritten digits: loss over the epochs",
      subtext: caption,
      left: 24,
      top: 16,
      textStyle: { fontSize: 20 },
      subtextStyle: { fontSize: 13, lineHeight: 19, color: "#555", width: WIDTH - 48, overflow: "truncate" },
    },
    legend: {
      // A row for each kind.
      data: curves.flatMap((row) => [...row.map(({ name }) => name), "\n"]),
      left: "center",
      bottom: 16,
      itemWidth: 44,
      itemGap: 24,
      textStyle: { fontSize: 13 },
      lineStyle: { width: "inherit" },
      itemStyle: { opacity: 0 },
    },
    grid: { left: 84, right: MARGIN_RIGHT, top: 124, bottom: 124 },
    xAxis: {
      ...axis,
      type: "value",
      name: "epoch",
      nameGap: 34,
      max: Math.max(1, ...runs.flatMap(({ run }) => run.epochs.map(({ epoch }) => epoch))),
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
    series: curves.flat().map(toSeries),
  };
}

type Point = readonly [epoch: number, loss: number];

/** Training or held-out loss: a colour for each run, and where an epoch lies. */
interface Kind {
  readonly kind: string;
  readonly colors: readonly string[];
  readonly pointOf: (epoch: Epoch) => Point;
}

/** A curve before it is ECharts': `label` stands at its right end. */
interface Curve {
  readonly name: string;
  readonly label: string;
  readonly points: readonly Point[];
  readonly color: string;
  readonly labelColor: string;
  readonly line: (typeof LINES)[number];
}

/** The curves of one kind, a run each. */
function curvesOf({ kind, colors, pointOf }: Kind, runs: readonly NamedRun[]): Curve[] {
  const curves = runs.map(({ name, label, run }, index) => ({
    name: `${kind}, ${name}`,
    label: label === "" ? kind : `${kind}\n${label}`,
    points: run.epochs.map(pointOf),
    color: colors[index] ?? "black",
    labelColor: colors[Math.max(index, 1)] ?? "black", // the pale one cannot be read
    line: LINES[index] ?? LINES[2],
  }));
  return curves.map((curve, index) => {
    const isShared = curves.slice(index + 1).some((later) => later.label === curve.label && endNear(curve, later));
    return isShared ? { ...curve, label: "" } : curve;
  });
}

function endNear(one: Curve, other: Curve): boolean {
  const ratio = (one.points.at(-1)?.[1] ?? 0) / (other.points.at(-1)?.[1] ?? 0);
  return Math.abs(Math.log(ratio)) < NEAR;
}

function toSeries({ name, points, color, labelColor, line, label }: Curve): LineSeriesOption {
  return {
    name,
    type: "line",
    z: line.z,
    data: points.filter(([, loss]) => isDrawable(loss)).map((point) => [...point]),
    symbol: points.length === 1 ? "circle" : "none",
    symbolSize: line.width * 2,
    color,
    lineStyle: { width: line.width, type: line.type, cap: line.type === "dashed" ? "butt" : "round", join: "round" },
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
