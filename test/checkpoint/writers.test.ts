// Several processes that write and read the checkpoints of one folder, and what is not a file in it.
import { execFileSync, fork } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RMSprop, saveCheckpoint } from "rmsprop";
import { CheckpointFileError, latestCheckpoint, readCheckpoint, writeCheckpoint } from "rmsprop/node";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { partialOf } from "../../src/node/partial.js";
import { bundled } from "../child.js";
import { errorOf } from "../contract/support.js";
import { isThorough, isWhole } from "../seed.js";

let folder = "";
const at = (name: string): string => join(folder, name);
const optimizer = new RMSprop();
const variables = [new Float32Array([1, 2])];
const bytes = saveCheckpoint(optimizer, variables);

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "rmsprop-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** How long writers and readers meet at least; `npm run test:random` takes a minute. */
const MEETING_MS = isThorough ? 60_000 : isWhole ? 3000 : 1200;

test("every read of a path that four processes write is a whole checkpoint of one of them, though they are killed", async () => {
  const child = await bundled(fileURLToPath(new URL("./meeting-child.ts", import.meta.url)), at("child.mjs"));
  const run = at("run");
  fs.mkdirSync(run);
  const complaints: string[] = [];
  let isOver = false;
  const keepWriting = async (id: number): Promise<void> => {
    while (!isOver) {
      const writer = fork(child, [run, String(id)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
      writer.stderr?.on("data", (text: Buffer) => complaints.push(String(text)));
      const ended = new Promise((resolve) => writer.once("exit", resolve));
      await Promise.race([ended, new Promise((resolve) => writer.once("message", resolve))]); // it writes from now on
      await setTimeout(50 + ((id * 7919) % 150));
      writer.kill("SIGKILL");
      await ended;
    }
  };
  const writers = [1, 2, 3, 4].map(keepWriting);
  let reads = 0;
  // A busy machine writes less in that time.
  for (const end = Date.now() + MEETING_MS; Date.now() < end || reads < 20; await setTimeout(1)) {
    for (const path of [join(run, "one.safetensors"), latestCheckpoint(run)]) {
      if (path === null || !fs.existsSync(path)) continue;
      const [weights] = wholeOrGone(path);
      if (weights === undefined) continue;
      // All numbers are those of one write.
      expect(new Set(weights).size).toBe(1);
      reads++;
    }
  }
  isOver = true;
  await Promise.all(writers);
  expect(complaints).toEqual([]);
  // A next write clears up what the killed ones left behind.
  writeCheckpoint(join(run, "one.safetensors"), bytes);
  writeCheckpoint(join(run, "step-1.safetensors"), bytes);
  expect(fs.readdirSync(run).filter((name) => name.endsWith(".partial"))).toEqual([]);
}, 120_000);

/** The weights of a checkpoint, unless another writer has removed it since it was found. */
function wholeOrGone(path: string): Float32Array[] {
  try {
    return readCheckpoint(path).variables.map(
      (variable) => ("value" in variable ? variable.value : variable) as Float32Array,
    );
  } catch (error) {
    if (error instanceof CheckpointFileError && error.code === "ENOENT") return [];
    throw error;
  }
}

test("what another process writes is left alone, of whichever host; what is left of one that has ended is removed", async () => {
  const [, host = ""] = /\.([0-9a-f]{8})-\d+-\w+\.partial$/.exec(partialOf("")) ?? [];
  const other = fork(fileURLToPath(new URL("./sleeping-child.mjs", import.meta.url)));
  const named = (of: string, pid: number | undefined) => `run-1.safetensors.${of}-${pid}-0123456789ab.partial`;
  const living = [named(host, other.pid), named("00000000", other.pid), named(host, process.pid)];
  for (const name of living) fs.writeFileSync(at(name), "half");
  writeCheckpoint(at("run-2.safetensors"), bytes);
  expect(fs.readdirSync(folder).sort()).toEqual([...living, "run-2.safetensors"].sort());
  const ended = new Promise((resolve) => other.once("exit", resolve));
  other.kill("SIGKILL");
  await ended;
  fs.utimesSync(at(named(host, process.pid)), 1, 1); // of a process that had this number before
  writeCheckpoint(at("run-3.safetensors"), bytes, { keep: 1 });
  expect(fs.readdirSync(folder).sort()).toEqual([named("00000000", other.pid), "run-3.safetensors"].sort());
});

test("keep counts checkpoints that load: damaged ones push nothing out", () => {
  for (const step of [1, 2, 3]) writeCheckpoint(at(`step-${step}.safetensors`), bytes);
  for (const step of [4, 5]) fs.writeFileSync(at(`step-${step}.safetensors`), bytes.subarray(0, -1));
  writeCheckpoint(at("step-6.safetensors"), bytes, { keep: 2 });
  expect(fs.readdirSync(folder).sort()).toEqual([3, 4, 5, 6].map((step) => `step-${step}.safetensors`));
});

test("when the folder cannot be put on the disk after the rename, the message says that the new one is in place", () => {
  const path = at("step-1.safetensors");
  writeCheckpoint(path, bytes);
  const { fsyncSync } = fs;
  let calls = 0;
  vi.spyOn(fs, "fsyncSync").mockImplementation((file) => {
    if (++calls === 1) return fsyncSync(file);
    throw Object.assign(new Error("EIO"), { code: "EIO" });
  });
  const { optimizer: trained, variables: weights } = readCheckpoint(path);
  trained.apply([[1, 1]], weights);
  const error = errorOf(() => writeCheckpoint(path, trained, weights));
  vi.restoreAllMocks();
  expect(error).toBeInstanceOf(CheckpointFileError);
  expect(error.message).toContain("The new checkpoint is in place, but its name may be lost if the power fails now.");
  expect(readCheckpoint(path).optimizer.iterations).toBe(1);
});

describe.runIf(process.platform !== "win32")("what is no file is passed over, and never waited for:", () => {
  const KINDS: Readonly<Record<string, (path: string) => void>> = {
    "a pipe": (path) => void execFileSync("mkfifo", [path]),
    "a link to a pipe": (path) => {
      execFileSync("mkfifo", [at("pipe")]);
      fs.symlinkSync(at("pipe"), path);
    },
    "a link that leads nowhere": (path) => fs.symlinkSync(at("nowhere"), path),
    "a link to a folder": (path) => fs.symlinkSync(folder, path),
    "a link to itself": (path) => fs.symlinkSync(path, path),
  };
  test.each(Object.keys(KINDS))("%s", (kind) => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    writeCheckpoint(at("step-1.safetensors"), bytes);
    KINDS[kind]?.(at("step-2.safetensors"));
    expect(latestCheckpoint(folder)).toBe(at("step-1.safetensors"));
    const error = errorOf(() => readCheckpoint(at("step-2.safetensors")));
    expect(error.message).toMatch(/^readCheckpoint: (path must be a file|cannot read ".+": )/);
    writeCheckpoint(at("step-3.safetensors"), bytes, { keep: 2 });
    expect(fs.existsSync(at("step-1.safetensors"))).toBe(true);
  });
});
