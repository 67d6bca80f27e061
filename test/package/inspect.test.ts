// `npx rmsprop inspect`, from the built package.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  LossScaleOptimizer,
  MultiOptimizer,
  OptimizerMap,
  RMSprop,
  SGD,
  saveCheckpoint,
  schedules,
  Variable,
} from "rmsprop";
import { afterAll, expect, test } from "vitest";
import { namesIn, versionBytes } from "../keras-files/versions/fixtures.js";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Ran {
  return spawnSync(process.execPath, [at("dist/inspect/main.js"), ...args], { encoding: "utf8" });
}

function checkpoint(): string {
  const weights = new Variable([1, Number.NaN, -3], { name: "weights\u001b[2J" });
  const optimizer = new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), { initialScale: 64 });
  optimizer.apply([[64, 64, 64]], [weights]);
  const path = join(folder, "run.safetensors");
  writeFileSync(path, saveCheckpoint(optimizer, [weights], { epoch: "3" }));
  return path;
}

test("a checkpoint as text: facts, and a line for each array; what a terminal would obey is escaped", () => {
  const { status, stdout } = run("inspect", checkpoint());
  expect(status).toBe(0);
  expect(stdout).not.toContain("\u001b");
  for (const line of [
    /^optimizer +LossScaleOptimizer$/m,
    /^iteration +1$/m,
    /^learning rate +0\.001$/m,
    /^loss scale +64$/m,
    /^metadata +epoch: 3$/m,
    /^variables\/weights\\u\{1b\}\[2J +\[3\] +float32 +-3\.00316 +0\.996838 +1$/m,
    /^velocity\/weights.+ \[3\] +float32 +0\.1 +0\.1 +0$/m,
  ]) {
    expect(stdout).toMatch(line);
  }
});

test("--json is for machines", () => {
  const { stdout } = run("inspect", checkpoint(), "--json");
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    kind: "checkpoint",
    formatVersion: 1,
    iteration: 1,
    lossScale: 64,
    metadata: { epoch: "3" },
  });
  expect(report.arrays).toHaveLength(3);
});

test("--json has no character that a terminal obeys, and texts of the user's pass for no fact", () => {
  const path = join(folder, "hostile.safetensors");
  const optimizer = new RMSprop();
  const name = "w\u001b[2J\u202e\u009b\u{e0001}";
  const metadata = { iteration: "12", optimizer: "SGD", "a\nlearning rate": "7" };
  writeFileSync(path, saveCheckpoint(optimizer, [new Variable([1], { name })], metadata));
  const json = run("inspect", path, "--json").stdout;
  expect(json).toMatch(/^[^\p{Cc}\p{Cf}]+\n$/u);
  expect(JSON.parse(json)).toMatchObject({ iteration: 0, optimizer: "RMSprop", metadata });
  expect(JSON.stringify(JSON.parse(json).arrays)).toContain("\u{e0001}");
  const { stdout } = run("inspect", path);
  expect(stdout.match(/^(iteration|optimizer|learning rate) .*$/gm)).toEqual([
    "optimizer     RMSprop",
    "iteration     0",
    "learning rate 0.001",
  ]);
});

test("ends quietly where its reader has read enough, and with one line where nothing can be written", () => {
  const path = checkpoint();
  const shell = (command: string) => spawnSync("bash", ["-o", "pipefail", "-c", command], { encoding: "utf8" });
  const inspect = `${process.execPath} ${at("dist/inspect/main.js")} inspect ${path}`;
  expect(shell(`${inspect} | true`)).toMatchObject({ status: 0, stderr: "" });
  if (process.platform !== "linux") return;
  expect(shell(`${inspect} > /dev/full`)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: the output cannot be written: ENOSPC\n$/),
  });
});

test("--json has texts for a loss scale that is no finite number, and every digit of a count", () => {
  const optimizer = new LossScaleOptimizer(new RMSprop());
  optimizer.build([]);
  optimizer.setWeights([0, 0, 0, Infinity, 2 ** 53 - 1, 0.001]);
  const path = join(folder, "infinite.safetensors");
  writeFileSync(path, saveCheckpoint(optimizer, []));
  expect(JSON.parse(run("inspect", path, "--json").stdout)).toMatchObject({
    ...{ lossScale: "Infinity", iteration: 2 ** 53 - 1 },
  });
});

test.each(["keras", "weights.h5"])("a file of Keras, .%s", (format) => {
  const { status, stdout } = run("inspect", at(`test/keras-files/fixtures/tensorflow-plain.${format}`), "--json");
  const report = JSON.parse(stdout);
  expect([status, report.kind, report.arrays.length > 5]).toEqual([0, `Keras' .${format}`, true]);
});

test.each([
  ["tensorflow-plain.weights.h5", { iteration: 3, learningRate: Math.fround(0.01), lossScale: null }],
  ["tensorflow-nested.weights.h5", { iteration: 4, learningRate: null, lossScale: null }],
  ["tensorflow-adafactor.keras", { optimizer: null, iteration: 2, learningRate: Math.fround(0.01), lossScale: null }],
  ["jax-mixed.keras", { iteration: 6, learningRate: Math.fround(0.01), lossScale: 2048 }],
])("%s says its iteration and learning rate, also where the optimizer is not known", (name, expected) => {
  const { stdout } = run("inspect", at(`test/keras-files/fixtures/${name}`), "--json");
  expect(JSON.parse(stdout)).toMatchObject(expected);
});

test.each([
  ["no file", ["inspect", join(folder, "none")], /^error: cannot read .+ENOENT.+Pass the path/],
  [
    "a folder of other files",
    ["inspect", folder],
    /^error: ".+": readKeras: the folder ".+" is no model of Keras.+Pass one that/,
  ],
  [
    "another file",
    ["inspect", at("package.json")],
    /^error: ".+package\.json": it is neither a checkpoint nor a file of Keras: .+ this is JSON, which holds no weights/,
  ],
  ["no command", ["look", "x"], /^error: rmsprop: the arguments must be "inspect FILE\.\.\."/],
  ["another option", ["inspect", "x", "--jsom"], /^error: .+--jsom/],
])("%s is refused with code 1 and one line", (_, args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect([status, stdout, stderr.trim().split("\n").length]).toEqual([1, "", 1]);
  expect(stderr).toMatch(message);
});

test("--help prints how it is used, and --version which version it is", () => {
  const { status, stdout } = run("--help");
  expect([status, stdout.startsWith("Usage: rmsprop inspect FILE...")]).toEqual([0, true]);
  const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  expect(run("--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test("several files are printed one after the other, and what cannot be read does not end it", () => {
  const keras = at("test/keras-files/fixtures/tensorflow-plain.keras");
  const { status, stdout, stderr } = run("inspect", checkpoint(), join(folder, "none"), keras);
  expect([status, stdout.match(/^kind .+$/gm)]).toEqual([
    1,
    ["kind          checkpoint, format version 1", "kind          Keras' .keras"],
  ]);
  expect(stderr).toMatch(/^error: cannot read .+ENOENT/);
});

test("a folder of Keras is one model; arrays come in the order of their numbers", () => {
  const saved = join(folder, "model");
  mkdirSync(saved);
  const name = "keras3.15.1-tensorflow-folder.folder";
  for (const member of namesIn(name)) writeFileSync(join(saved, member), versionBytes(`${name}/${member}`));
  const report = JSON.parse(run("inspect", saved, "--json").stdout);
  expect(report).toMatchObject({ kind: "Keras' .keras", optimizer: "RMSprop", iteration: 2 });
  const paths = report.arrays.map((array: { readonly name: string }) => array.name);
  expect(paths.indexOf("optimizer/vars/2")).toBeLessThan(paths.indexOf("optimizer/vars/10"));
});

/** A safetensors file of another program: its header of any text, then these bytes. */
function foreignFile(header: string, data: readonly number[]): string {
  const path = join(folder, "other.safetensors");
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
  writeFileSync(path, Uint8Array.of(...length, ...text, ...data));
  return path;
}

test("the arrays of any safetensors file are listed", () => {
  const header = '{"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"__metadata__":{"by":"me"}}';
  const path = foreignFile(header, [0, 0x3c, 0, 0xc0]);
  expect(JSON.parse(run("inspect", path, "--json").stdout)).toMatchObject({
    ...{ kind: "safetensors", optimizer: null, metadata: { by: "me" } },
    arrays: [{ name: "w", shape: [2], dtype: "float16", min: -2, max: 1, nonFinite: 0 }],
  });
});

test("elements of a type that is not known are not counted, and the length of a header is no JSON", () => {
  // As many bytes as the letter { has for a code.
  const header = '{"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}'.padEnd("{".charCodeAt(0));
  const path = foreignFile(header, [1, 2]);
  expect(run("inspect", path).stdout).toMatch(/^w +\[2\] +F8_E4M3 +- +- +-$/m);
  const broken = run("inspect", foreignFile('{"w":1,"w":2}', []));
  expect(broken.stderr).toMatch(/^error: ".+": it is a safetensors file whose header is no JSON that can be read: it /);
});

test("under a schedule the learning rate is that of the present step, and a problem has lines of its own", () => {
  const learningRate = new schedules.ExponentialDecay({ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5 });
  const optimizer = new RMSprop({ learningRate });
  const weights = new Variable([1], { name: "w" });
  for (let step = 0; step < 2; step++) optimizer.apply([[1]], [weights]);
  const path = join(folder, "scheduled.safetensors");
  writeFileSync(path, saveCheckpoint(optimizer, [weights]));
  expect(run("inspect", path).stdout).toMatch(/^learning rate 0\.125$/m);
  const lora = join(folder, "lora.keras");
  writeFileSync(lora, versionBytes("keras3.15.1-lora.keras"));
  const { stdout } = run("inspect", lora);
  expect(stdout).toMatch(/^optimizer +none: Its state was left out: .+\n +expected \(\d+\): optimizer\/vars\/0/m);
  expect(stdout).not.toContain("\\u{a}");
  expect(run("inspect", at("test/keras-files/fixtures/tensorflow-plain.weights.h5")).stdout).not.toContain("options.");
});

test("options that Keras does not have are shown, and of several optimizers no rate, but the step of them all", () => {
  const path = join(folder, "several.safetensors");
  const [a, b] = [new Variable([1], { name: "a" }), new Variable([1], { name: "b" })];
  const parts = new OptimizerMap(new RMSprop(), { b: new SGD({ learningRate: 0.5 }) });
  const several = new MultiOptimizer(parts, { skipNonFinite: true });
  const scaled = new LossScaleOptimizer(new MultiOptimizer(new OptimizerMap(new SGD())));
  for (const optimizer of [several, scaled]) {
    for (let step = 0; step < 3; step++) optimizer.apply([[1]], [a]);
    writeFileSync(path, saveCheckpoint(optimizer, [a, b]));
    const { stdout } = run("inspect", path);
    expect(stdout).toMatch(/^iteration +3$/m);
    expect(stdout).not.toContain("learning rate");
    const options = stdout.match(/^options +(.*)$/m)?.[1];
    expect(options).toBe(optimizer === several ? '{"skipNonFinite":true}' : undefined);
  }
});

test("a file of Keras with several optimizers has no learning rate", () => {
  const { stdout } = run("inspect", at("test/keras-files/multi/model.keras"));
  expect(stdout).toMatch(/^iteration +4$/m);
  expect(stdout).not.toContain("learning rate");
});

test("whether the checksum holds is said", () => {
  const bytes = new Uint8Array(readFileSync(checkpoint()));
  expect(run("inspect", join(folder, "run.safetensors")).stdout).toMatch(/^checksum +holds$/m);
  bytes[bytes.length - 1] = 1;
  writeFileSync(join(folder, "damaged.safetensors"), bytes);
  expect(run("inspect", join(folder, "damaged.safetensors")).stdout).toMatch(/^checksum +does not hold: /m);
});
