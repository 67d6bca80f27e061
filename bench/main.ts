// `npm run bench`: measures, prints and saves the tables. What is measured is in tables/, how in measure.ts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setThreads } from "rmsprop";
import { writeChart } from "./chart.js";
import { measureTable } from "./fresh.js";
import { machineLine, machineNow } from "./machine.js";
import { parseOptions } from "./options.js";
import { installedPython, installPython } from "./python/environment.js";
import { foldedTable, LEGEND, printedTable } from "./report.js";
import { figuresOf, type Result } from "./result.js";
import type { Settings } from "./settings.js";
import type { TableName } from "./tables/index.js";

type Results = Partial<Record<TableName, readonly Result[]>>;

async function main(): Promise<void> {
  const { tables, quick, out } = parseOptions(process.argv.slice(2), () => installedPython() !== null);
  const machine = machineNow();
  mkdirSync(out, { recursive: true });
  if (tables.includes("python")) installPython(console.error);
  const settings: Settings = { quick, threads: await threadCounts() };
  console.log(`${machineLine(machine)}\n\n${LEGEND}\n`);
  const results: Results = {};
  for (const name of tables) {
    results[name] = await measureTable(name, settings, progressOf(name));
    clearProgress();
    console.log(`${printedTable(name, results[name])}\n`);
  }
  const file = join(out, "bench.json");
  writeFileSync(file, `${JSON.stringify({ machine, settings, tables: savedForm(results) })}\n`);
  const text = join(out, "bench.md");
  const folded = tables.map((name) => foldedTable(name, results[name] ?? []));
  writeFileSync(text, `${[machineLine(machine), LEGEND, ...folded].join("\n\n")}\n`);
  const pictures = writeChart(out, machineLine(machine), results);
  console.log(`Saved: ${[file, text, ...pictures].join(", ")}`);
}

/** One thread, two, and as many as the machine has; those that really run. */
async function threadCounts(): Promise<number[]> {
  const most = await setThreads("auto");
  await setThreads(1);
  return [...new Set([1, Math.min(2, most), most])];
}

/** One line on a terminal that is written over, and nothing elsewhere. */
function progressOf(table: TableName): (done: number, of: number) => void {
  return (done, of) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${table}: ${done + 1} of ${of}`);
  };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

/** With the figures that were printed. Times are in milliseconds. */
function savedForm(results: Results): object {
  const tables = Object.entries(results).map(([name, list]) => [
    name,
    list.map((result) => ({ ...result, figures: figuresOf(result) })),
  ]);
  return Object.fromEntries(tables);
}

await main();
