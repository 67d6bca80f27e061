// The picture of all tables that were measured, as SVG and PNG. What each panel shows is in panels.ts.
import type { EChartsOption } from "echarts";
import { writePicture } from "../examples/shared/picture.js";
import { type Panel, panelsOf } from "./panels.js";
import type { Result } from "./result.js";
import type { TableName } from "./tables/index.js";

const WIDTH = 1240;
const PANEL_HEIGHT = 380;
const TOP = 64;
const PADDING = 28;

/** Writes bench.svg and bench.png into `folder` (which exists) and returns their paths. */
export function writeChart(
  folder: string,
  caption: string,
  results: Partial<Record<TableName, readonly Result[]>>,
): string[] {
  const panels = panelsOf(results);
  if (panels.length === 0) return [];
  const height = TOP + Math.ceil(panels.length / 2) * PANEL_HEIGHT;
  return writePicture(folder, "bench", chartOption(caption, panels), { width: WIDTH, height, zoom: 1.5 });
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

function chartOption(caption: string, panels: readonly Panel[]): EChartsOption {
  const places = panels.map((_, i) => placeOf(i, panels.length));
  const head = {
    left: PADDING,
    top: 18,
    text: caption,
    textStyle: { fontSize: 12, fontWeight: "normal", color: "#555" },
  };
  return {
    title: [head, ...panels.map(({ title, unit }, i) => titleAt(places[i] as Place, title, unit))] as NonNullable<
      EChartsOption["title"]
    >,
    legend: panels.map(({ series }, i) => legendAt(places[i] as Place, series)),
    grid: panels.map((panel, i) => gridAt(places[i] as Place, panel)),
    xAxis: panels.map(({ xAxis }, gridIndex) => ({ ...xAxis, gridIndex })) as NonNullable<EChartsOption["xAxis"]>,
    yAxis: panels.map(({ yAxis }, gridIndex) => ({ ...yAxis, gridIndex })) as NonNullable<EChartsOption["yAxis"]>,
    series: panels.flatMap(({ series }, i) => series.map((one) => ({ ...one, xAxisIndex: i, yAxisIndex: i }))),
  };
}

/** Two beside each other; the last one of an odd number has a row of its own. */
function placeOf(index: number, count: number): Place {
  const alone = index === count - 1 && index % 2 === 0;
  const width = alone ? WIDTH : WIDTH / 2;
  return { left: (index % 2) * (WIDTH / 2), top: TOP + Math.floor(index / 2) * PANEL_HEIGHT, width };
}

function titleAt({ left, top }: Place, text: string, subtext: string): object {
  const [textStyle, subtextStyle] = [{ fontSize: 16 }, { fontSize: 12, color: "#555" }];
  return { text, subtext, left: left + PADDING, top, textStyle, subtextStyle, itemGap: 9 };
}

function legendAt({ left, top }: Place, series: Panel["series"]): object {
  const data = series.map(({ name }) => String(name));
  return { show: hasLegend(series), data, left: left + PADDING - 5, top: top + 48, itemWidth: 26, itemGap: 14 };
}

function gridAt({ left, top, width }: Place, { labelWidth, series }: Panel): object {
  const [head, foot, right] = [hasLegend(series) ? 84 : 58, 52, PADDING + 36];
  return {
    left: left + labelWidth,
    top: top + head,
    width: width - labelWidth - right,
    height: PANEL_HEIGHT - head - foot,
  };
}

const hasLegend = (series: Panel["series"]): boolean => series.length > 1;
