// `npm run bench:files`: a checkpoint of 100 million parameters to memory and disk and back, beside a plain copy of as many
// bytes. The same work is done in turns; the fastest of a few rounds counts, since disks have moods.
import fs from "node:fs";
import { join } from "node:path";
import { loadCheckpoint, RMSprop, saveCheckpoint, Variable } from "rmsprop";
import { readCheckpoint, writeCheckpoint } from "rmsprop/node";
import { machineLine, machineNow } from "./machine.js";
import { grouped, textTable, threeDigits } from "./text-table.js";

const COUNT = 20;
const FOLDER = "out/bench/files";

function main(parameters: number, rounds: number): void {
  fs.mkdirSync(FOLDER, { recursive: true });
  const variables = Array.from({ length: COUNT }, () => new Variable(new Float32Array(parameters / COUNT).fill(0.5)));
  const optimizer = new RMSprop();
  optimizer.apply(variables, variables);
  const path = join(FOLDER, "run-1.safetensors");
  writeCheckpoint(path, optimizer, variables);
  const { size } = fs.statSync(path);
  const bytes = saveCheckpoint(optimizer, variables);
  const copy = join(FOLDER, "copy");
  const work: readonly (readonly [string, () => void])[] = [
    ["copy in memory: bytes.slice()", () => bytes.slice()],
    ["saveCheckpoint", () => saveCheckpoint(optimizer, variables)],
    ["loadCheckpoint", () => loadCheckpoint(bytes, optimizer, variables)],
    ["write of a file, and fsync", () => writePlainly(copy, bytes)],
    ["writeCheckpoint", () => writeCheckpoint(path, optimizer, variables)],
    ["read of a file", () => readPlainly(path, size)],
    ["readCheckpoint", () => readCheckpoint(path, optimizer, variables)],
    ["readCheckpoint, no checksum", () => readCheckpoint(path, optimizer, variables, {}, { checksum: false })],
    ["copy of a file, and fsync", () => copyPlainly(path, copy)],
  ];
  const times = work.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, act]] of work.entries()) times[i]?.push(timeOf(act));
  }
  fs.rmSync(FOLDER, { recursive: true });
  const rows = work.map(([name], i) => {
    const seconds = Math.min(...(times[i] ?? []));
    return [name, threeDigits(1000 * seconds), threeDigits(size / 1e9 / seconds)];
  });
  console.log(`${machineLine(machineNow())}\n`);
  console.log(`${grouped(parameters)} float32 parameters and as many of velocity, ${grouped(size)} bytes\n`);
  console.log(textTable(["", "ms", "GB/s"], rows, 1));
}

function timeOf(act: () => void): number {
  const start = performance.now();
  act();
  return (performance.now() - start) / 1000;
}

function writePlainly(path: string, bytes: Uint8Array): void {
  fs.rmSync(path, { force: true });
  const file = fs.openSync(path, "w");
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at);
  fs.fsyncSync(file);
  fs.closeSync(file);
}

function readPlainly(path: string, size: number): void {
  const bytes = new Uint8Array(size);
  const file = fs.openSync(path, "r");
  for (let at = 0; at < size; ) at += fs.readSync(file, bytes, at, size - at, at);
  fs.closeSync(file);
}

function copyPlainly(from: string, to: string): void {
  fs.rmSync(to, { force: true });
  fs.copyFileSync(from, to);
  const file = fs.openSync(to, "r");
  fs.fsyncSync(file);
  fs.closeSync(file);
}

const [parameters = "100000000", rounds = "5"] = process.argv.slice(2);
main(Number(parameters), Number(rounds));
