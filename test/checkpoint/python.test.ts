// Checkpoints and Python's safetensors: fixtures hold a file of this package, and what Python made of it with resave.py.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint, Variable } from "rmsprop";
import { expect, test } from "vitest";

const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const read = (name: string): Uint8Array => new Uint8Array(fs.readFileSync(at(`fixtures/${name}.safetensors`)));
const [SAVED, RESAVED] = [read("saved"), read("resaved")];
const METADATA = { epoch: "3", note: 'ä "quoted"' };

/** Both types, no elements and one, a name that has to be escaped, and every kind of counter and slot; mid-accumulation. */
function trained(): { optimizer: LossScaleOptimizer; variables: Variable[] } {
  const variables = [
    new Variable([1, 2, 3, 4], { shape: [2, 2], name: 'kernel ä"' }),
    new Variable(new Float64Array([1, 2, 3]), { name: "bias" }),
    new Variable([], { name: "empty" }),
    new Variable(5, { name: "scalar" }),
  ];
  const inner = new RMSprop({ momentum: 0.9, centered: true, useEma: true, gradientAccumulationSteps: 2 });
  const optimizer = new LossScaleOptimizer(inner);
  for (let call = 0; call < 3; call++) optimizer.apply([[1, -2, 3, -4], [1, 2, 3], [], 1], variables);
  return { optimizer, variables };
}

test("a run gives the same file as when the fixture was made", () => {
  const { optimizer, variables } = trained();
  expect(Buffer.compare(saveCheckpoint(optimizer, variables, METADATA), SAVED)).toBe(0);
});

test("what Python has read and saved again is the same run, whole", () => {
  expect(Buffer.compare(RESAVED, SAVED)).not.toBe(0); // Python has an order of its own
  const { optimizer, variables, metadata } = loadCheckpoint(RESAVED);
  expect(metadata).toEqual(METADATA);
  expect(Buffer.compare(saveCheckpoint(optimizer, variables, metadata), SAVED)).toBe(0);
});

test("arrays are found where nothing is aligned", () => {
  const shifted = new Uint8Array(RESAVED.length + 3).subarray(3);
  shifted.set(RESAVED);
  const { optimizer, variables, metadata } = loadCheckpoint(shifted);
  expect(Buffer.compare(saveCheckpoint(optimizer, variables, metadata), SAVED)).toBe(0);
});

const python = process.env.PYTHON ?? "python3";
const hasPackage = spawnSync(python, ["-c", "import safetensors.numpy"]).status === 0;

// Set PYTHON to one that has the packages safetensors and numpy.
test.runIf(hasPackage)("this Python reads every array and text, and saves the same run again", () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "rmsprop-"));
  const target = join(folder, "resaved.safetensors");
  const script = [at("resave.py"), at("fixtures/saved.safetensors"), target];
  const { stdout, stderr } = spawnSync(python, script, { encoding: "utf8", env: { ...process.env, PYTHONUTF8: "1" } });
  expect(stderr).toBe("");
  const { optimizer, variables } = trained();
  expect(stdout.trim().split("\n")).toHaveLength(variables.length + optimizer.variables.length);
  expect(stdout).toContain("counters/2/step_counter int32 [] 3");
  expect(stdout).toContain("slots/velocity/1/bias float64 [3] ");
  const again = loadCheckpoint(fs.readFileSync(target));
  expect(Buffer.compare(saveCheckpoint(again.optimizer, again.variables, again.metadata), SAVED)).toBe(0);
  fs.rmSync(folder, { recursive: true });
});
