// A report as text for a terminal. Names come from files: what a terminal would obey is shown as an escape.
import type { ArrayReport, Report } from "./report.js";

const DIGITS = 6;
const NAME_WIDTH = 14;
/** The longest config in one line, and how many layers of a model are named. */
const [LINE, LAYERS] = [100, 12];

/** The facts in two columns, then one line for each array. */
export function printReport(report: Report): string {
  const lines = factsOf(report).flatMap(([name, value]) => columns(name, String(value)));
  return `${[...lines, "", ...table(report.arrays).map(printable)].join("\n")}\n`;
}

/** A fact in as many lines as it has, each within its column. */
function columns(name: string, value: string): string[] {
  return value.split("\n").map((line, i) => `${(i === 0 ? name : "").padEnd(NAME_WIDTH)}${printable(line)}`);
}

/** What is known besides the arrays, each with its name. */
export function factsOf(report: Report): (readonly [name: string, value: unknown])[] {
  const facts: readonly (readonly [string, unknown])[] = [
    ["file", `${oneLine(report.file)}, ${report.byteLength.toLocaleString("en-US")} bytes`],
    ["kind", report.formatVersion === null ? report.kind : `${report.kind}, format version ${report.formatVersion}`],
    ["checksum", checksumLine(report.checksumHolds)],
    ["optimizer", report.optimizer ?? `none: ${report.problem}`],
    ["iteration", report.iteration],
    ["learning rate", shortest(report.learningRate)],
    ["loss scale", report.lossScale],
    ["config", report.optimizer === null ? null : configText(report.config)],
    ["options", Object.keys(report.options).length === 0 ? null : configText(report.options)],
    ["model", report.optimizer === null ? modelText(report.config) : null],
    ...report.notes.map((note) => ["note", note] as const),
    // Under a name of their own: a text of the user's must not pass for a fact.
    ...Object.entries(report.metadata).map(([key, value]) => ["metadata", oneLine(`${key}: ${value}`)] as const),
  ];
  return facts.filter(([, value]) => value !== null);
}

/** Texts of the file's: a line of them must not pass for one of ours. */
const oneLine = (text: string): string => text.replaceAll("\n", "\\n");

/** A short config in one line, a longer one in several. */
function configText(config: unknown): string | null {
  if (config === null) return null;
  const line = JSON.stringify(config);
  return line.length <= LINE ? line : JSON.stringify(config, null, 2);
}

/** The class of a model and those of its layers. */
function modelText(config: unknown): string | null {
  if (typeof config !== "object" || config === null || !("class_name" in config)) return null;
  const { class_name: name, config: own } = config as { readonly class_name: unknown; readonly config?: unknown };
  const layers =
    typeof own === "object" && own !== null && "layers" in own && Array.isArray(own.layers) ? own.layers : [];
  const names = layers.slice(0, LAYERS).map((layer: unknown) => String(Object(layer).class_name));
  const more = layers.length > LAYERS ? ` and ${layers.length - LAYERS} more` : "";
  return oneLine(`${name}${names.length > 0 ? ` of ${names.join(", ")}${more}` : ""}`);
}

function checksumLine(holds: boolean | null): string | null {
  if (holds === null) return null;
  return holds ? "holds" : "does not hold: numbers, names or config were changed after they were saved";
}

export const COLUMNS: readonly string[] = ["array", "shape", "dtype", "min", "max", "not finite"];

/** An array as the cells of `COLUMNS`. */
export function cellsOf({ name, shape, dtype, min, max, nonFinite }: ArrayReport): string[] {
  return [printable(name), `[${shape}]`, dtype, short(min), short(max), String(nonFinite ?? "-")];
}

function table(arrays: readonly ArrayReport[]): string[] {
  const rows = [COLUMNS, ...arrays.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** The shortest text of the same float32, in which learning rates are kept; a float64 that is none is printed whole. */
function shortest(value: number | null): string | null {
  if (value === null || Math.fround(value) !== value) return value === null ? null : String(value);
  const texts = Array.from({ length: 9 }, (_, i) => String(Number(value.toPrecision(i + 1))));
  return texts.find((text) => Math.fround(Number(text)) === value) ?? String(value);
}

const short = (value: number | null): string => (value === null ? "-" : String(Number(value.toPrecision(DIGITS))));

/** The report as JSON in one line. JSON has no infinity and no NaN: a loss scale that is one is a text. */
export function jsonOf(report: Report): string {
  const finite = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const text = JSON.stringify(report, finite).replaceAll(OBEYED, (letter) => letter.split("").map(escaped).join(""));
  return `${text}\n`;
}

/** Control characters, and those that reverse the direction of text. */
const OBEYED = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** As `printable`, of a text whose lines are ours. */
export const printableLines = (text: string): string => text.split("\n").map(printable).join("\n");

/** A text that a terminal only shows: with escapes for what it would obey. */
export function printable(text: string): string {
  return text.replaceAll(OBEYED, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}
