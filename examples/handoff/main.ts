// Hands a run over between TypeScript and real Keras: out to many devices and back, and from Keras to here.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { pythonWithTensorflow } from "../../test/keras-files/python.js";
import { splitDigits } from "../digits/data.js";
import { loadDigits } from "../digits/load.js";
import { startWasmBackend } from "../shared/backend.js";
import { wholeFrom } from "../shared/numbers.js";
import { createFolder, printFacts, reportRefusal, secondsSince } from "../shared/program.js";
import { writeChart } from "./chart.js";
import { type Course, type HandOver, nameOf, type Place, runParts } from "./run.js";

const RUNS: readonly (readonly Place[])[] = [
  ["typescript", { backend: "jax", distribution: "data" }, "typescript"],
  ["typescript", { backend: "jax", distribution: "model" }, "typescript"],
  [{ backend: "tensorflow", distribution: "none" }, "typescript"],
  [{ backend: "jax", distribution: "none" }, "typescript"],
];

async function main(): Promise<void> {
  const start = performance.now();
  const { out, ...course } = parseOptions();
  createFolder(out);
  const python = pythonWithTensorflow(console.log);
  const data = splitDigits(loadDigits(), course.seed).training;
  await startWasmBackend();
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-handoff-"));
  try {
    const handOvers: HandOver[] = [];
    const pictures = [];
    for (const places of RUNS) {
      console.log(`\n${places.map(nameOf).join(" > ")}`);
      const run = await runParts(places, data, course, { python, folder }, console.log);
      handOvers.push(...run.handOvers);
      pictures.push(run.parts);
    }
    printHandOvers(handOvers);
    printFacts([
      ["Pictures", writeChart(out, pictures).join(", ")],
      ["Time", secondsSince(start)],
    ]);
    if (handOvers.some(({ comparison }) => comparison.differingBits > 0)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function printHandOvers(handOvers: readonly HandOver[]): void {
  console.log("\nhanded over to                               at iteration   arrays   elements   bits that differ");
  for (const { to, iteration, comparison } of handOvers) {
    const { arrays, elements, differingBits } = comparison;
    const numbers = [
      String(iteration).padStart(12),
      String(arrays).padStart(8),
      elements.toLocaleString("en-US").padStart(10),
    ];
    console.log(`${nameOf(to).padEnd(44)} ${numbers.join(" ")} ${String(differingBits).padStart(18)}`);
  }
  console.log();
}

function parseOptions(): Course & { readonly out: string } {
  const command = new Command("npm run handoff --")
    .usage("[options]")
    .description(
      "Trains one run in parts: in TypeScript, in Keras on JAX over 8 devices, and in TypeScript again; then runs that Keras " +
        "begins. Installs Keras into .venv-tensorflow, once.",
    )
    .helpOption("-h, --help", "print this help")
    .addOption(new Option("--epochs <count>", "epochs of each part").default(3).argParser(wholeFrom(1)))
    .addOption(
      new Option("--batch-size <digits>", "digits in one step, a multiple of 8").default(32).argParser(wholeFrom(8)),
    )
    .addOption(
      new Option("--seed <whole number>", "decides initial weights and batches").default(0).argParser(wholeFrom(0)),
    )
    .addOption(new Option("--out <folder>", "where the picture goes").default("out/handoff"));
  const options = command.parse().opts<Course & { out: string }>();
  if (options.batchSize % 8 !== 0)
    command.error(`error: --batch-size must be a multiple of 8; received ${options.batchSize}`);
  return options;
}

await main().catch(reportRefusal);
