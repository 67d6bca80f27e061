// `npm run test:keras`: draws fresh random cases, runs them on real Keras and on both engines, and compares every bit;
// and real Keras runs what the playground prints for it. Float64 has its reference on TensorFlow: --tensorflow.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pythonWithTensorflow } from "../keras-files/python.js";
import type { Case } from "./case.js";
import { describeMismatch, type Mismatch } from "./compare.js";
import { checkPatterns, drawnPatterns } from "./patterns.js";
import { PythonError, pythonWithKeras } from "./python.js";
import { ENGINES, type EngineName, type RunOptions, runsOnArrays, tryCase } from "./run-case.js";
import { checkSnippets } from "./snippets.js";
import { Tally } from "./tally.js";

const SCRIPT = fileURLToPath(new URL("./live_cases.py", import.meta.url));
const HELP = `Compares with real Keras, in every bit, on random cases.

  --seed N     which cases are drawn (default 1)
  --cases N    how many (default 300)
  --case N     only this one of them
  --tensorflow cases of float64, for which Keras on TensorFlow is the reference; installs some 2 GB
  --help       this text`;
const SHOWN = 5;
const PATTERNS = 3000;

interface LiveCase extends Case {
  readonly attempts: number;
}

interface Options {
  readonly seed: number;
  readonly cases: number;
  readonly only: number | null;
  readonly tensorflow: boolean;
}

/** A case that differs, on one engine. */
interface Failure {
  readonly testCase: Case;
  readonly engine: EngineName;
  readonly mismatches: readonly Mismatch[];
}

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions();
    return options === null ? 0 : await compare(options);
  } catch (error) {
    if (!(error instanceof PythonError || error instanceof TypeError)) throw error;
    console.error(`test:keras: ${error.message}`);
    return 2;
  }
}

function readOptions(): Options | null {
  const [text, flag] = [{ type: "string" }, { type: "boolean" }] as const;
  const { values } = parseArgs({ options: { seed: text, cases: text, case: text, tensorflow: flag, help: flag } });
  if (values.help) console.log(HELP);
  if (values.help) return null;
  const only = values.case === undefined ? null : wholeNumber("case", values.case);
  const [seed, cases] = [wholeNumber("seed", values.seed ?? "1"), wholeNumber("cases", values.cases ?? "300")];
  return { seed, cases, only, tensorflow: values.tensorflow ?? false };
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TypeError(`--${name} must be a whole number; received --${name}=${text}. See --help.`);
}

async function compare(options: Options): Promise<number> {
  // Missing gradients are part of many cases; the warnings would hide the result.
  console.warn = () => undefined;
  const pythonWith = options.tensorflow ? pythonWithTensorflow : pythonWithKeras;
  const python = pythonWith((line) => console.log(line));
  const snippets = checkSnippets(python);
  console.log(`${snippets.count} programs of the playground, ${snippets.failures.length} with another config in Keras`);
  const patterns = checkPatterns(drawnPatterns(python, options.seed, PATTERNS));
  const { translated, refused } = patterns;
  console.log(
    `${PATTERNS} patterns of names: ${translated} searched as Python does, ${refused} refused that Python takes, ${patterns.failures.length} differ`,
  );
  for (const text of [...snippets.failures, ...patterns.failures.slice(0, SHOWN)]) console.log(text);
  const tally = new Tally();
  const failures: Failure[] = [];
  const total = options.only === null ? options.cases : 1;
  const started = performance.now();
  let versions = "";
  let done = 0;
  let redrawn = 0;
  for await (const line of linesOf(python, options)) {
    if (versions === "") {
      const { keras, backend, numpy } = JSON.parse(line) as Record<string, string>;
      versions = `Keras ${keras} on ${backend}, NumPy ${numpy}`;
      continue;
    }
    // The lines are what live_cases.py writes.
    const testCase = JSON.parse(line) as LiveCase;
    for (const engine of ENGINES) {
      const mismatches = tally.add(engine, tryCase(testCase, { ...formOf(testCase), engine }));
      if (mismatches.length > 0) failures.push({ testCase, engine, mismatches });
    }
    redrawn += testCase.attempts - 1;
    showProgress(++done, total, failures.length);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n${versions} against rmsprop, seed ${options.seed}, ${seconds} s`);
  if (redrawn > 0)
    console.log(`${redrawn} cases were drawn again: NumPy's cos, log or pow was not correctly rounded there`);
  console.log(tally.table());
  for (const failure of failures.slice(0, SHOWN)) explain(python, options, failure);
  return failures.length + snippets.failures.length + patterns.failures.length === 0 ? 0 : 1;
}

/** Some cases get their variables or gradients in another form, which must give the same bits. */
function formOf(testCase: Case): Omit<RunOptions, "engine"> {
  const forms: readonly Omit<RunOptions, "engine">[] = [
    { gradients: "numbers" },
    { gradients: "Variable" },
    { variables: "array" },
  ];
  const form = forms[indexOf(testCase) % 5] ?? {};
  return form.variables === "array" && !runsOnArrays(testCase) ? {} : form;
}

function indexOf({ id }: Case): number {
  return Number(id.split("/").at(-1));
}

/** The header, then a case each. */
async function* linesOf(python: string, options: Options): AsyncGenerator<string> {
  const { cases, only } = options;
  const which = only === null ? ["--cases", String(cases)] : ["--only", String(only)];
  const child = spawn(python, ["-B", SCRIPT, ...drawnBy(options), ...which], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  yield* createInterface({ input: child.stdout });
  const status = await ended;
  if (status !== 0) throw new PythonError(`live_cases.py ended with ${status}; its message is above.`);
}

function drawnBy({ seed, tensorflow }: Options): string[] {
  return ["--seed", String(seed), ...(tensorflow ? ["--tensorflow"] : [])];
}

function showProgress(done: number, total: number, failures: number): void {
  const line = `${done} of ${total} cases, ${failures} with mismatches`;
  if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
  else if (done === total || done % Math.ceil(total / 10) === 0) console.log(line);
}

/** The case, and every mismatch after the first call that differs. */
function explain(python: string, options: Options, { testCase, engine, mismatches }: Failure): void {
  const { hashes: _, end: __, ...input } = testCase;
  const index = String(indexOf(testCase));
  const call = mismatches[0]?.step ?? null;
  console.log(
    `\n${engine}, case ${testCase.id} (npm run test:keras -- ${drawnBy(options).join(" ")} --case ${index}), input ${JSON.stringify(formOf(testCase))}\n${JSON.stringify(input)}`,
  );
  const cut = [...drawnBy(options), "--only", index, ...(call === null ? [] : ["--calls", String(call + 1)])];
  const { stdout } = spawnSync(python, ["-B", SCRIPT, ...cut], { encoding: "utf8", maxBuffer: 2 ** 30 });
  const line = stdout.trim().split("\n")[1];
  const form = formOf(testCase);
  const shown = line === undefined ? mismatches : tryCase(JSON.parse(line) as Case, { ...form, engine }).mismatches;
  for (const mismatch of shown.length > 0 ? shown : mismatches) console.log(`  ${describeMismatch(mismatch)}`);
}
