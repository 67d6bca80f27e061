// Folders that checkpoints are written to: made where they can be, refused where they cannot.
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RMSprop } from "rmsprop";
import { CheckpointFileError, latestCheckpoint, writeCheckpoint } from "rmsprop/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { errorOf } from "../contract/support.js";

const optimizer = new RMSprop();
const variables = [new Float32Array([1, 2])];
let folder = "";

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "rmsprop-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test("are made with all that are above them", () => {
  const run = join(folder, "runs", "today");
  const path = join(run, "step-1.safetensors");
  writeCheckpoint(path, optimizer, variables);
  expect(latestCheckpoint(run)).toBe(path);
});

test("are refused below a file", () => {
  fs.writeFileSync(join(folder, "file"), "");
  const error = errorOf(() => writeCheckpoint(join(folder, "file", "run", "a.safetensors"), optimizer, variables));
  expect([error.constructor, (error as CheckpointFileError).code]).toEqual([CheckpointFileError, "ENOTDIR"]);
});

// Node's own recursive mkdirSync never returns there.
test.runIf(process.platform === "linux")("are refused where the system makes none, such as /proc", () => {
  const error = errorOf(() => writeCheckpoint("/proc/nowhere/run/a.safetensors", optimizer, variables));
  expect([error.constructor, (error as CheckpointFileError).code]).toEqual([CheckpointFileError, "ENOENT"]);
});
