// Checkpoint files: whole or not there, whatever happens while they are written.
import { fork } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RMSprop, saveCheckpoint, type Variable } from "rmsprop";
import { CheckpointFileError, latestCheckpoint, readCheckpoint, writeCheckpoint } from "rmsprop/node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bundled } from "../child.js";
import { complaintOf, errorOf, stateOf } from "../contract/support.js";
import { isThorough, isWhole } from "../seed.js";
import { fresh, Run } from "./run.js";

let folder = "";
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "rmsprop-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

function trained(steps: number): Run {
  const run = new Run(new RMSprop({ momentum: 0.9 }), fresh());
  run.train(0, steps);
  return run;
}

test("what was written is read again in every bit, and the last one is found by its number", () => {
  const run = trained(3);
  for (const name of ["step-9", "step-10", "step-2"]) {
    writeCheckpoint(at(`${name}.safetensors`), run.optimizer, run.variables, { name });
  }
  expect(latestCheckpoint(folder)).toBe(at("step-10.safetensors"));
  const { optimizer, variables, metadata } = readCheckpoint(at("step-10.safetensors"));
  expect([stateOf(optimizer, variables), metadata]).toEqual([run.state(), { name: "step-10" }]);
  expect(fs.readdirSync(folder)).toHaveLength(3);
});

test("keep leaves the last ones of this run, and other files alone", () => {
  const run = trained(1);
  fs.writeFileSync(at("notes.txt"), "mine");
  writeCheckpoint(at("other-1.safetensors"), run.optimizer, run.variables);
  for (let step = 1; step <= 12; step++) {
    writeCheckpoint(at(`step-${step}.safetensors`), run.optimizer, run.variables, {}, { keep: 3 });
  }
  const names = [
    "notes.txt",
    "other-1.safetensors",
    "step-10.safetensors",
    "step-11.safetensors",
    "step-12.safetensors",
  ];
  expect(fs.readdirSync(folder).sort()).toEqual(names);
});

test("damaged files are passed over, each with a warning", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const run = trained(2);
  const bytes = saveCheckpoint(run.optimizer, run.variables);
  writeCheckpoint(at("step-1.safetensors"), bytes);
  fs.writeFileSync(at("step-2.safetensors"), bytes.subarray(0, bytes.length - 1));
  fs.writeFileSync(at("step-3.safetensors"), bytes.subarray(0, 5));
  fs.writeFileSync(at("step-4.safetensors"), "");
  fs.writeFileSync(at("step-5.safetensors"), new Uint8Array(64).fill(255));
  fs.mkdirSync(at("step-6.safetensors"));
  expect(latestCheckpoint(folder)).toBe(at("step-1.safetensors"));
  expect(warn).toHaveBeenCalledTimes(4);
});

test("an empty folder, and none, have no last checkpoint", () => {
  expect([latestCheckpoint(folder), latestCheckpoint(at("nowhere"))]).toEqual([null, null]);
});

test.each([
  ["ENOSPC", "writeSync"],
  ["EIO", "fsyncSync"],
  ["EACCES", "openSync"],
  ["EPERM", "renameSync"],
] as const)("when the system says %s in %s, the old checkpoint stays and nothing else", (code, call) => {
  const run = trained(2);
  const path = at("step-1.safetensors");
  writeCheckpoint(path, run.optimizer, run.variables);
  const before = fs.readFileSync(path);
  run.train(2, 1);
  vi.spyOn(fs, call).mockImplementation(() => {
    throw Object.assign(new Error(code), { code });
  });
  const error = errorOf(() => writeCheckpoint(path, run.optimizer, run.variables));
  vi.restoreAllMocks();
  expect(error).toBeInstanceOf(CheckpointFileError);
  expect([(error as CheckpointFileError).code, error.message.includes(code)]).toEqual([code, true]);
  expect(fs.readdirSync(folder)).toEqual(["step-1.safetensors"]);
  expect(fs.readFileSync(path).equals(before)).toBe(true);
});

test("wrong paths and options are named, and nothing is written", () => {
  const { optimizer, variables } = trained(1);
  const refused = [
    () => writeCheckpoint(folder, optimizer, variables),
    () => writeCheckpoint(at("run.bin"), optimizer, variables),
    () => writeCheckpoint(at("run.safetensors"), optimizer, variables, {}, { keep: 2 }),
    () => writeCheckpoint(at("run-1.safetensors"), optimizer, variables, {}, { keep: 0 }),
    () => writeCheckpoint(at("run-1.safetensors"), optimizer, variables.slice(1)),
    () => writeCheckpoint(at("run-1.safetensors"), new Uint8Array(12)),
    () => writeCheckpoint(at("run-1.safetensors"), optimizer, variables, { epoch: 3 as never }),
    () => readCheckpoint(folder),
  ];
  expect(refused.map((act) => complaintOf(errorOf(act).message.replaceAll(folder, "run")))).toMatchSnapshot();
  expect(errorOf(() => readCheckpoint(at("none.safetensors")))).toBeInstanceOf(CheckpointFileError);
  expect(fs.readdirSync(folder)).toEqual([]);
});

/** Processes that are killed; `npm run test:random` and `npm run test:package` kill more. */
const KILLS = isThorough ? 400 : isWhole ? 40 : 5;

test(`a writing loop that is killed ${KILLS} times at random moments leaves a checkpoint that loads, each time`, async () => {
  const bundle = await bundled(fileURLToPath(new URL("./writing-child.ts", import.meta.url)), at("writing-child.mjs"));
  const run = at("run");
  let last = 0;
  let moved = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = fork(bundle, [run, String(last)], { stdio: "ignore" });
    await new Promise((resolve) => child.once("message", resolve)); // it writes from now on
    await new Promise((resolve) => setTimeout(resolve, (kill * 7919) % 23));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const path = latestCheckpoint(run);
    const { optimizer, variables, metadata } = readCheckpoint(path ?? "");
    const step = Number(metadata.step);
    expect(step).toBeGreaterThanOrEqual(last);
    // What is in the file belongs together: weights are what the step makes of them.
    expect([optimizer.iterations, (variables[0] as Variable).value.every((value) => value === step)]).toEqual([
      step,
      true,
    ]);
    if (step > last) moved++;
    last = step;
  }
  expect(moved).toBeGreaterThan(KILLS / 8);
}, 600_000);
