// Hands a run over between TypeScript and real Keras: out to many devices and back, and from Keras to here.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonWithTensorflow } from "../../test/keras-files/python.js";
import { splitDigits } from "../digits/data.js";
import { loadDigits } from "../digits/load.js";
import { startWasmBackend } from "../shared/backend.js";
import { createFolder, printFacts, secondsSince } from "../shared/program.js";
import { writeChart } from "./chart.js";
import type { Options } from "./options.js";
import { type HandOver, nameOf, type Place, runParts } from "./run.js";

const RUNS: readonly (readonly Place[])[] = [
  ["typescript", { backend: "jax", distribution: "data" }, "typescript"],
  ["typescript", { backend: "jax", distribution: "model" }, "typescript"],
  [{ backend: "tensorflow", distribution: "none" }, "typescript"],
  [{ backend: "jax", distribution: "none" }, "typescript"],
];

/** The whole of `npm run handoff`. */
export async function handOver({ out, ...course }: Options): Promise<void> {
  const start = performance.now();
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
