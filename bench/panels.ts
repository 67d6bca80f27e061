// What the picture shows of each table: lines over the sizes, bars for everything else.
import type { BarSeriesOption, LineSeriesOption, XAXisComponentOption, YAXisComponentOption } from "echarts";
import { type Figures, figuresOf, type Result } from "./result.js";
import type { TableName } from "./tables/index.js";
import { grouped, threeDigits } from "./text-table.js";

export interface Panel {
  readonly title: string;
  readonly unit: string;
  /** Room for the names at the left, in pixels. */
  readonly labelWidth: number;
  readonly xAxis: XAXisComponentOption;
  readonly yAxis: YAXisComponentOption;
  /** Those of one panel have names of their own, since a legend finds them by name. */
  readonly series: readonly (BarSeriesOption | LineSeriesOption)[];
}

const OURS = "#1a5fb4";
const OTHERS = "#b0b4ba";
/** A step and its limit, by the number of threads: darker for more. */
const STEP = ["#8fb8e8", OURS];
const LIMIT = ["#e3c9a8", "#c07c2c"];
/** Pixels. */
const LETTER = 7.2;
const LABEL_MARGIN = 44;
const LONGEST_LABEL = 36;
const GRID_LINE = { lineStyle: { color: "#e8e8e8" } };

/** The panels of the tables that have figures. */
export function panelsOf(results: Partial<Record<TableName, readonly Result[]>>): Panel[] {
  const measured = (name: TableName): Measured[] =>
    (results[name] ?? [])
      .filter(({ measured }) => measured.length > 0)
      .map((result) => ({ ...result, figures: figuresOf(result) }));
  const panels = [
    bySize(measured("limit").filter(({ facts }) => facts.part === "by size")),
    byFeatures(measured("limit").filter(({ facts }) => facts.part === "by features")),
    peers("Other ways in JavaScript, one thread", measured("javascript").filter(isRMSprop), "log"),
    peers("Other ways in Python", measured("python").filter(isRMSprop), "value"),
    smallVariables(measured("small")),
  ];
  return panels.filter((panel) => panel.series.length > 0);
}

/** The picture shows one optimizer; the tables have them all. */
const isRMSprop = ({ facts }: Result): boolean => facts.optimizer === "RMSprop";

interface Measured extends Result {
  readonly figures: readonly Figures[];
}

function bySize(cases: readonly Measured[]): Panel {
  const threads = threadsOf(cases);
  const lines = threads.flatMap((count, i) =>
    [
      { what: "step", index: 1, colors: STEP },
      { what: "traffic", index: 0, colors: LIMIT },
    ].map(({ what, index, colors }): LineSeriesOption => {
      const own = cases.filter(({ facts }) => facts.threads === count);
      const data = own.map((one) => [one.parameters, nanoseconds(one.figures[index], one)]);
      const lineStyle = { width: 2.5, type: what === "step" ? "solid" : "dashed" } as const;
      return {
        type: "line",
        name: `${what}, ${threadText(count)}`,
        data,
        color: shade(colors, i),
        symbolSize: 6,
        lineStyle,
      };
    }),
  );
  return {
    title: "Plain step and its memory traffic, by size",
    unit: "nanoseconds per parameter, median",
    labelWidth: 64,
    xAxis: {
      ...{ type: "log", name: "parameters", nameLocation: "middle", nameGap: 28, splitLine: { show: false } },
      ...{ min: "dataMin", max: "dataMax", axisLabel: { formatter: shortNumber } },
    },
    yAxis: { type: "value", min: 0, splitLine: GRID_LINE },
    series: lines,
  };
}

/** At the largest number of threads. */
function byFeatures(cases: readonly Measured[]): Panel {
  const threads = threadsOf(cases).at(-1) ?? 1;
  const shown = cases.filter(({ facts }) => facts.threads === threads);
  const size = grouped(shown[0]?.parameters ?? 0);
  const bar = (name: string, index: number, color: string): BarSeriesOption =>
    bars(
      name,
      shown.map((one) => nanoseconds(one.figures[index], one)),
      color,
    );
  return {
    title: "Features: the step and its memory traffic",
    unit: `nanoseconds per parameter, ${size} parameters, ${threadText(threads)}`,
    ...horizontal(
      shown.map(({ facts }) => String(facts.features)),
      "value",
    ),
    series: shown.length === 0 ? [] : [bar("step", 1, OURS), bar("its traffic", 0, "#d9a566")],
  };
}

/** Each contender where it was measured with the most parameters; the bars of each number of threads. */
function peers(title: string, cases: readonly Measured[], scale: "log" | "value"): Panel {
  const threads = threadsOf(cases);
  const names = [...new Set(cases.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  const timeOf = (name: string, count: number): number => {
    const largest = cases
      .filter(({ facts, figures }) => (facts.threads ?? 1) === count && figures.some((one) => one.name === name))
      .sort((a, b) => b.parameters - a.parameters)[0];
    const own = largest?.figures.find((one) => one.name === name);
    return largest === undefined ? Number.NaN : nanoseconds(own, largest);
  };
  const last = threads.at(-1) ?? 1;
  const sorted = names.toSorted((a, b) => timeOf(a, last) - timeOf(b, last));
  const series = threads.map((count, i) => {
    const data = sorted.map((name) => ({
      value: timeOf(name, count),
      itemStyle: { color: colorOf(name, threads, i) },
    }));
    // A legend finds series by name, and these must not be those of another panel.
    return bars(threads.length === 1 ? title : threadText(count), data, shade(STEP, i));
  });
  const unit = `nanoseconds per parameter, median${scale === "log" ? ", logarithmic" : ""}`;
  return { title, unit, ...horizontal(sorted.map(shortName), scale), series };
}

function smallVariables(cases: readonly Measured[]): Panel {
  const rows = cases.flatMap(({ parameters, figures }) =>
    figures.map(({ name, step }) => ({
      name: `${name}${/^(1 variable|JavaScript loop)$/.test(name) ? ` of ${grouped(parameters)}` : ""}`,
      time: step.median * 1e3,
    })),
  );
  const once = new Map(rows.map(({ name, time }) => [name, time]));
  const sorted = [...once].sort(([, a], [, b]) => a - b);
  const data = sorted.map(([name, value]) => ({ value, itemStyle: { color: isOurs(name) ? OURS : OTHERS } }));
  return {
    title: "Many small variables, and one",
    unit: "microseconds per step, median, logarithmic",
    ...horizontal(
      sorted.map(([name]) => name),
      "log",
    ),
    series: data.length === 0 ? [] : [bars("small", data, OURS)],
  };
}

/** Bars on a logarithmic axis need a place to start: a power of ten below all of them. */
const LOG_FROM_BELOW = {
  min: ({ min }: { readonly min: number }): number => 10 ** Math.floor(Math.log10(min / 2)),
  startValue: 1e-9,
} as const;

/** Bars from left to right, the first name on top. */
function horizontal(names: readonly string[], scale: "log" | "value"): Pick<Panel, "labelWidth" | "xAxis" | "yAxis"> {
  const longest = Math.max(0, ...names.map((name) => name.length));
  return {
    labelWidth: LABEL_MARGIN + Math.min(longest, LONGEST_LABEL) * LETTER,
    xAxis: { type: scale, splitLine: GRID_LINE, ...(scale === "value" ? { min: 0 } : LOG_FROM_BELOW) },
    yAxis: {
      type: "category",
      data: [...names],
      inverse: true,
      axisTick: { show: false },
      axisLabel: { width: LONGEST_LABEL * LETTER, overflow: "break", interval: 0, lineHeight: 14 },
    },
  };
}

function bars(name: string, data: NonNullable<BarSeriesOption["data"]>, color: string): BarSeriesOption {
  const formatter = ({ value }: { value: unknown }): string => threeDigits(Number(value));
  return {
    ...{ type: "bar", name, data, color, barCategoryGap: "30%", barGap: "8%" },
    label: { show: true, position: "right", fontSize: 11, color: "#444", formatter } as NonNullable<
      BarSeriesOption["label"]
    >,
  };
}

function threadsOf(cases: readonly Result[]): number[] {
  return [...new Set(cases.map(({ facts }) => Number(facts.threads ?? 1)))].sort((a, b) => a - b);
}

/** 1k, 16M. */
function shortNumber(value: number): string {
  return value >= 1e6 ? `${value / 1e6}M` : `${value / 1e3}k`;
}

const threadText = (count: number): string => (count === 1 ? "1 thread" : `${count} threads`);

const shade = (colors: readonly string[], i: number): string => colors[Math.min(i, colors.length - 1)] ?? OURS;

const isOurs = (name: string): boolean => !/tf\.train|JavaScript loop/.test(name);

function colorOf(name: string, threads: readonly number[], i: number): string {
  const dark = i === threads.length - 1;
  if (name.startsWith("rmsprop")) return dark ? OURS : shade(STEP, 0);
  return dark ? OTHERS : "#dcdee2";
}

/** Without the versions, which the printed table has. */
const shortName = (name: string): string => name.replace(/ \(.*\)$/, "");

function nanoseconds(figures: Figures | undefined, { parameters }: Result): number {
  return ((figures?.step.median ?? Number.NaN) * 1e6) / parameters;
}
