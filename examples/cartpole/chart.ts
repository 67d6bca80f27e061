// The picture: the return of every episode over the pushes, and its mean over the last ones, as SVG and PNG.
import type { EChartsOption } from "echarts";
import { writePicture } from "../shared/picture.js";
import { type Course, type Episode, meanOf, type Run } from "./train.js";

const SIZE = { width: 1100, height: 620, zoom: 2 };
/** Episodes in a mean. */
const WINDOW = 10;
const COLORS = { episode: "#a8c8ec", mean: "#1a4f8f", trial: "#a8480a" };

/** Writes return.svg and return.png into `folder` (which exists) and returns their paths. `caption` stands below the title. */
export function writeChart(folder: string, caption: string, run: Run, extent: Extent): string[] {
  return writePicture(folder, "return", chartOption(caption, run, extent), SIZE);
}

/** How far the axes go. */
type Extent = Pick<Course, "steps" | "maxSteps">;

function chartOption(caption: string, { before, episodes, after }: Run, { steps, maxSteps }: Extent): EChartsOption {
  const axis = { nameLocation: "middle", nameTextStyle: { fontSize: 14 } } as const;
  const names = {
    ...{ episode: "one episode", mean: `mean of ${WINDOW} episodes` },
    ...{ before: "before, without random pushes", after: "after, without random pushes" },
  };
  return {
    title: {
      text: "Cart-pole: return of the episodes while RMSprop learns",
      subtext: caption,
      left: 24,
      top: 16,
      textStyle: { fontSize: 20 },
      subtextStyle: { fontSize: 13, lineHeight: 19, color: "#555" },
    },
    legend: {
      ...{ left: "center", bottom: 14, itemGap: 24, itemWidth: 32, textStyle: { fontSize: 13 } },
      // Lines without a dot on them.
      data: Object.values(names).map((name) =>
        name === names.episode ? { name } : { name, itemStyle: { opacity: 0 } },
      ),
    },
    grid: { left: 84, right: 40, top: 108, bottom: 100 },
    xAxis: { ...axis, type: "value", name: "pushes", nameGap: 34, max: steps, splitLine: { show: false } },
    yAxis: {
      ...axis,
      ...{ type: "value", name: "return (pushes that the pole stood)", nameGap: 48, min: 0, max: maxSteps },
      splitLine: { lineStyle: { color: "#e8e8e8" } },
    },
    series: [
      {
        ...{ name: names.episode, type: "scatter", symbolSize: 7, color: COLORS.episode },
        data: episodes.map(({ step, score }) => [step, score]),
      },
      {
        ...{
          name: names.mean,
          type: "line",
          symbol: "none",
          color: COLORS.mean,
          lineStyle: { width: 3 },
        },
        data: runningMeans(episodes),
      },
      level(names.before, meanOf(before), steps, "dotted"),
      level(names.after, meanOf(after), steps, "dashed"),
    ],
  };
}

/** A line across the picture. */
function level(name: string, value: number, steps: number, type: "dotted" | "dashed"): object {
  const data = [0, steps].map((step) => [step, value]);
  return { name, type: "line", symbol: "none", color: COLORS.trial, lineStyle: { width: 2, type }, data };
}

/** The mean of up to `WINDOW` episodes that end at each one. */
function runningMeans(episodes: readonly Episode[]): [step: number, mean: number][] {
  return episodes.map(({ step }, i) => {
    const window = episodes.slice(Math.max(0, i + 1 - WINDOW), i + 1);
    return [step, meanOf(window.map(({ score }) => score))];
  });
}
