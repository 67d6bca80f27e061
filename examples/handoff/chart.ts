// The picture: the loss of every epoch over the parts of each run, as SVG and PNG.
import type { EChartsOption, SeriesOption } from "echarts";
import { writePicture } from "../shared/picture.js";
import { nameOf, type Part } from "./run.js";

const SIZE = { width: 1100, height: 900, zoom: 2 };
const COLUMNS = 2;
const BANDS = ["#e6eef9", "#fdf0e2"];

/** Writes handoff.svg and handoff.png into `folder` (which exists) and returns their paths. */
export function writeChart(folder: string, runs: readonly (readonly Part[])[]): string[] {
  return writePicture(folder, "handoff", chartOption(runs), SIZE);
}

function chartOption(runs: readonly (readonly Part[])[]): EChartsOption {
  const rows = Math.ceil(runs.length / COLUMNS);
  const losses = runs.flatMap((parts) => parts.flatMap((part) => part.losses));
  const place = (i: number): object => ({
    left: `${7 + (i % COLUMNS) * 48}%`,
    width: "41%",
    top: 130 + Math.floor(i / COLUMNS) * ((SIZE.height - 140) / rows),
    height: (SIZE.height - 140) / rows - 90,
  });
  return {
    title: {
      text: "One run, handed over between TypeScript and Keras",
      subtext: "Digits, 64-128-10; training loss of every epoch, in nats. Each band is trained by what it names.",
      left: 24,
      top: 16,
      textStyle: { fontSize: 20 },
      subtextStyle: { fontSize: 13, color: "#555" },
    },
    grid: runs.map((_, i) => place(i)),
    xAxis: runs.map((parts, gridIndex) => ({
      ...{
        gridIndex,
        type: "value",
        min: 0.5,
        max: countOf(parts) + 0.5,
        name: "epoch",
        nameLocation: "middle",
        nameGap: 28,
      },
      ...{ splitLine: { show: false }, minInterval: 1, axisLabel: { formatter: wholeOnly } },
    })),
    yAxis: runs.map((_, gridIndex) => ({
      ...{ gridIndex, type: "value", min: 0, max: Math.ceil(Math.max(...losses) * 10) / 10 },
      splitLine: { lineStyle: { color: "#e8e8e8" } },
    })),
    series: runs.map((parts, i) => seriesOf(parts, i)),
  } as EChartsOption;
}

const countOf = (parts: readonly Part[]): number => parts.reduce((sum, { losses }) => sum + losses.length, 0);

const wholeOnly = (value: number): string => (Number.isInteger(value) ? String(value) : "");

function seriesOf(parts: readonly Part[], index: number): SeriesOption {
  let epoch = 0;
  const bands = parts.map(({ place, losses }, i) => {
    const from = epoch + 0.5;
    epoch += losses.length;
    const label = {
      position: "insideTop",
      color: "#333",
      fontSize: 11,
      lineHeight: 15,
      formatter: nameOf(place).replaceAll(", ", "\n"),
    };
    return [{ xAxis: from, itemStyle: { color: BANDS[i % 2] }, label }, { xAxis: epoch + 0.5 }];
  });
  const data = parts.flatMap(({ losses }) => losses).map((loss, i) => [i + 1, loss]);
  return {
    ...{
      type: "line",
      xAxisIndex: index,
      yAxisIndex: index,
      symbolSize: 8,
      color: "#1a4f8f",
      lineStyle: { width: 3 },
      data,
    },
    markArea: { silent: true, data: bands },
  } as SeriesOption;
}
