// The tables in words: what stands above each, which columns it has, in which unit.
import { type Figures, figuresOf, type Result } from "./result.js";
import { type Summary, spreadOf } from "./statistics.js";
import type { TableName } from "./tables/index.js";
import { grouped, textTable, threeDigits } from "./text-table.js";

interface Description {
  readonly title: string;
  readonly about: string;
  readonly print: (results: readonly Result[]) => string;
}

/** How spread and ratio are to be read; stands once, above all tables. */
export const LEGEND =
  "Spread: the distance between the quartiles, in percent of the median. Ratio: the median over the rounds, each of which " +
  "times both sides in turn, and its quartiles.";

const DESCRIPTIONS: Readonly<Record<TableName, Description>> = {
  limit: {
    title: "The step and its limit",
    about:
      "Nanoseconds per parameter. Traffic is a kernel that reads and writes the same arrays, with one addition for each " +
      "array written; division and root is one that does only these, on a single array.",
    print: (results) =>
      PARTS.map((part) => printLimit(results.filter(({ facts }) => facts.part === part))).join("\n\n"),
  },
  javascript: {
    title: "Other ways in JavaScript",
    about: "Plain optimizers, nanoseconds per parameter, everything on one thread.",
    print: (results) => stacked(results, ["optimizer", "parameters"], nanosecondsPerParameter),
  },
  python: {
    title: "Other ways in Python",
    about: "Plain optimizers, nanoseconds per parameter, everything on the same number of threads.",
    print: (results) => stacked(results, ["optimizer", "parameters", "threads"], nanosecondsPerParameter),
  },
  small: {
    title: "Many small variables, and one",
    about: "Microseconds per step, on one thread.",
    print: (results) => stacked(results, ["parameters"], (milliseconds) => milliseconds * 1e3),
  },
  fit: {
    title: "Whole training steps with TensorFlow.js",
    about: "Milliseconds per batch of 32: forward, backward and optimizer, on one thread.",
    print: (results) => stacked(results, ["model", "parameters"], (milliseconds) => milliseconds),
  },
  webgpu: {
    title: "A step on the GPU",
    about:
      "One variable. Bytes are those that a step reads and writes for each parameter; copy is a kernel that moves as " +
      "many in all, half of them read and half written; its share is how fast the step moves its bytes beside the copy, " +
      "and the quartiles. Below: what a step over many variables of 64 elements costs the processor until it is queued.",
    print: (results) => {
      const part = (name: string): Result[] => results.filter(({ facts }) => facts.part === name);
      return `${printKernels(part("kernels"))}\n\n${printEncoding(part("encoding"))}`;
    },
  },
};

const PARTS = ["by size", "by features", "in cache"];

/** Title, explanation, table, and who is missing. */
export function printedTable(name: TableName, results: readonly Result[]): string {
  return [`## ${DESCRIPTIONS[name].title}`, ...partsOf(name, results)].join("\n\n");
}

/** The same as docs/performance.md has it. */
export function foldedTable(name: TableName, results: readonly Result[]): string {
  const head = `<details>\n<summary>${DESCRIPTIONS[name].title}</summary>`;
  return [head, ...partsOf(name, results), "</details>"].join("\n\n");
}

function partsOf(name: TableName, results: readonly Result[]): string[] {
  const { about, print } = DESCRIPTIONS[name];
  const missing = [...new Set(results.flatMap(missingIn))];
  const notes = [...new Set(results.flatMap(({ notes = [] }) => notes))];
  return [about, ...notes, print(results), ...missing.map((reason) => `Not measured: ${reason}`)];
}

function missingIn({ facts, missing, measured }: Result): string[] {
  const about = Object.values(facts).map((fact) => (typeof fact === "number" ? grouped(fact) : fact));
  return missing.map((reason) => (measured.length === 0 ? `${about.join(", ")}: ${reason}` : reason));
}

/** One line for each case: the limit and the step beside each other. */
function printLimit(results: readonly Result[]): string {
  const measured = results.map((result) => ({ result, figures: figuresOf(result) }));
  const [first] = measured.flatMap(({ figures }) => figures);
  const limitName = first?.name ?? "limit";
  const header = [
    ...["features", "parameters", "threads", "step: minimum", "median", "spread"],
    ...[`${limitName}: minimum`, "median", "spread", `step / ${limitName}`],
  ];
  const rows = measured.flatMap(({ result: { facts, parameters }, figures: [limit, step] }) => {
    if (limit === undefined || step === undefined) return [];
    const unit = (milliseconds: number): number => nanosecondsPerParameter(milliseconds, parameters);
    const about = [String(facts.features), grouped(parameters), String(facts.threads)];
    return [[...about, ...cellsOf(step.step, unit), ...cellsOf(limit.step, unit), ratioCell(step)]];
  });
  return textTable(header, rows, 1);
}

/** One line for each case: how many bytes a second the step moves, and the copy. */
function printKernels(results: readonly Result[]): string {
  const header = ["features", "parameters", "bytes", "step: ns", "GB/s", "copy: GB/s", "spread", "share of copy"];
  const rows = results.flatMap((result) => {
    const [copy, step] = figuresOf(result);
    if (copy === undefined || step === undefined) return [];
    const bytes = Number(result.facts.bytes);
    const rate = ({ step: { median } }: Figures): string => threeDigits((bytes * result.parameters) / median / 1e6);
    const spread = `${Math.round(spreadOf(step.step) * 100)}%`;
    const nanoseconds = threeDigits(nanosecondsPerParameter(step.step.median, result.parameters));
    const about = [String(result.facts.features), grouped(result.parameters), String(bytes)];
    return [[...about, nanoseconds, rate(step), rate(copy), spread, shareCell(step)]];
  });
  return textTable(header, rows, 1);
}

/** One line for each number of variables. */
function printEncoding(results: readonly Result[]): string {
  const header = ["variables", "passes", "dispatches", "processor: ms", "µs a variable", "spread"];
  const rows = results.flatMap((result) => {
    const [own] = figuresOf(result);
    if (own === undefined) return [];
    const { variables = 1, passes = 0, dispatches = 0 } = result.facts;
    const { median } = own.step;
    const times = [threeDigits(median), threeDigits((median * 1e3) / Number(variables))];
    return [[...[variables, passes, dispatches].map(factCell), ...times, `${Math.round(spreadOf(own.step) * 100)}%`]];
  });
  return textTable(header, rows, 0);
}

/** One line for each contender. */
function stacked(
  results: readonly Result[],
  facts: readonly string[],
  unit: (milliseconds: number, parameters: number) => number,
): string {
  const header = ["what", ...facts, "minimum", "median", "spread", "times as long as", "ratio"];
  const rows = results.flatMap((result) =>
    figuresOf(result).map((figures) => [
      figures.name,
      ...facts.map((fact) => factCell(result.facts[fact])),
      ...cellsOf(figures.step, (milliseconds) => unit(milliseconds, result.parameters)),
      figures.comparedWith ?? "",
      ratioCell(figures),
    ]),
  );
  return textTable(header, rows, 1);
}

const factCell = (fact: string | number | undefined): string =>
  typeof fact === "number" ? grouped(fact) : (fact ?? "");

function cellsOf(summary: Summary, unit: (milliseconds: number) => number): string[] {
  const { minimum, median } = summary;
  return [threeDigits(unit(minimum)), threeDigits(unit(median)), `${Math.round(spreadOf(summary) * 100)}%`];
}

function ratioCell({ ratio }: Figures): string {
  if (ratio === null) return "";
  return `${threeDigits(ratio.median)} (${threeDigits(ratio.lower)} to ${threeDigits(ratio.upper)})`;
}

/** The reverse of a ratio, in percent. */
function shareCell({ ratio }: Figures): string {
  if (ratio === null) return "";
  const percent = (times: number): string => `${Math.round(100 / times)}%`;
  return `${percent(ratio.median)} (${percent(ratio.upper)} to ${percent(ratio.lower)})`;
}

function nanosecondsPerParameter(milliseconds: number, parameters: number): number {
  return (milliseconds * 1e6) / parameters;
}
