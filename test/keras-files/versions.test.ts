// Files of Keras 2.2 to 3.15, each kind made by the Keras that wrote it: weights in every bit, state where its owner and order
// are known, and a sentence where they are not. What goes on from Keras 3's files is what Keras 3 goes on to, in every bit.
// `npm test` takes a quarter of the files, and each kind and case; `npm run test:package` takes all.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { type KerasFile, type ReadOptions, readKeras } from "rmsprop/keras";
import { readKerasFile } from "rmsprop/node";
import { describe, expect, test } from "vitest";
import { isWhole as isWholeSweep } from "../seed.js";
import { hexOf } from "./expected.js";
import {
  floatsOf,
  type HeldArray,
  isKeras3,
  namesIn,
  VERSION_FILES,
  type VersionFile,
  versionBytes,
} from "./versions/fixtures.js";

/** What is said of the optimizer of a case, where it is not read. */
const PROBLEMS: Readonly<Record<string, RegExp>> = {
  decay: /decay must be 0 or null.*InverseTimeDecay/,
  ...all("frozen-later thawed-later lora int8-lora own-dense", /^Its state was left out: .*does not fit/s),
  ...all("subclassed gan", /^The order of its layers is not in the file\. Pass options\.order/),
  ...all("counting second-first", /^The order of the variables within \w+ is not in the file\. Pass options\.order/),
  ...all("adafactor lamb muon", /class_name must be a known class/),
  // Keras loads neither of these models, and two separate layers from a legacy file.
  "shared-inside": /^Its config and its arrays do not agree|does not fit/,
  "fixed-scale": /loss scale of Keras 2 that does not change, which Keras 3 has not/,
  // Whose decay is another thing than that of the others.
  "keras2.4.0 nadam": /^The optimizer was left out\. Nadam: decay must be 0/,
  "after-h5": /^The file does not say which optimizer it holds\. Pass it as options\.optimizer\.$/,
};
/** Keras 3.0 trains a layer that is made with `trainable=False`, which its config has all the same. */
const isThawed = ({ keras, case: name }: VersionFile): boolean => keras.startsWith("keras3.0.") && name === "nested";

/** Cases whose trainable weights are in another order than files have them, or are not known. */
const UNORDERED = new Set(["subclassed", "gan", "counting", "second-first", "own-dense", "shared-inside"]);
/** Keras lists arrays of integers among the weights, and a shared kernel once. */
const OTHER_LISTS = new Set(["int8", "int4", "float8"]);
/** A layer with LoRA is saved merged, and has new factors when it is loaded. */
const MERGED = new Set(["lora", "int8-lora"]);

function all(cases: string, problem: RegExp): Record<string, RegExp> {
  return Object.fromEntries(cases.split(" ").map((name) => [name, problem]));
}

/** The model's config in another file of the same model, for one that has none. */
async function configFor({ file, kind, case: name, keras }: VersionFile): Promise<ReadOptions> {
  if ((!kind.startsWith("weights") && kind !== "sharded") || name === "shared-inside") return {};
  const whole = VERSION_FILES.find((other) => other.keras === keras && other.case === name && isWhole(other));
  if (whole === undefined) return {};
  const { config, dispose } = await readKeras(versionBytes(whole.file), { optimizer: null });
  dispose();
  return config === null || file === whole.file ? {} : { config };
}

const isWhole = ({ kind }: VersionFile): boolean => kind === "zip" || kind === "hdf5";

async function read(given: VersionFile, options: ReadOptions): Promise<KerasFile> {
  if (given.kind !== "folder" && given.kind !== "sharded") return readKeras(versionBytes(given.file), options);
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
  const path = join(folder, given.file);
  if (given.kind === "folder") {
    mkdirSync(path);
    for (const name of namesIn(given.file)) writeFileSync(join(path, name), versionBytes(`${given.file}/${name}`));
  } else {
    const parts = namesIn("").filter((name) => name.startsWith(given.file.replace(".weights.json", "_")));
    for (const name of [given.file, ...parts]) writeFileSync(join(folder, name), versionBytes(name));
  }
  try {
    return await readKerasFile(path, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FLOATS = new Set(["float32", "float64"]);

/** Of a policy of half precision: the hexadecimal bytes are of another type than what is held. */
const isShort = ({ weights }: VersionFile): boolean => weights.some(({ dtype }) => dtype.endsWith("float16"));

/** The float arrays as bytes, in order or not. */
const bytesOf = (file: KerasFile): string[] => file.weights.map(({ value, dtype }) => hexOf(value, dtype));

/** Every fourth file, and the first of each kind and case. */
const CHOICE = VERSION_FILES.filter((given, i) => {
  const first = VERSION_FILES.findIndex((other) => other.kind === given.kind && other.case === given.case);
  return isWholeSweep || i % 4 === 0 || i === first;
});

describe.each(CHOICE.map((file) => [file.file, file] as const))("%s", (_, given) => {
  const held = given.weights.filter(({ dtype }) => FLOATS.has(dtype));

  test("has the weights that Keras held, in every bit", async () => {
    const options = await configFor(given);
    const file = await read(given, { ...options, optimizer: null });
    const hasOrder = isWhole(given) || given.kind === "folder" || options.config !== undefined;
    const ours = bytesOf(file);
    const theirs = held.map(({ hex }) => hex);
    if (isShort(given)) expect(file.notes.join()).toMatch(/float16 are held as float32/);
    else if (MERGED.has(given.case)) expect(ours.length).toBeGreaterThan(0);
    else if (OTHER_LISTS.has(given.case)) expect(theirs.filter((hex) => !ours.includes(hex))).toEqual([]);
    else if (hasOrder && !UNORDERED.has(given.case) && !/^keras2\.[23]\./.test(given.keras)) {
      expect(ours).toEqual(theirs);
      const flags = held.map(({ trainable }) => trainable);
      if (!isThawed(given)) expect(file.weights.map(({ trainable }) => trainable)).toEqual(flags);
    } else expect(new Set(ours)).toEqual(new Set(theirs)); // a kernel that lies in two places is one by the config alone
    if (given.case === "gan") expect(file.notes.join()).toMatch(/is taken for the state of an optimizer/);
    file.dispose();
  });

  const { optimizer } = given;
  if (optimizer === null) return;

  test("has the state of its optimizer, or says why it is not taken", async () => {
    const options = await configFor(given);
    const isNamed = isWhole(given) || given.kind === "folder" || options.config !== undefined;
    const own = PROBLEMS[`${given.keras} ${given.case}`] ?? PROBLEMS[given.case];
    const problem = isThawed(given) ? PROBLEMS["thawed-later"] : isNamed ? own : undefined;
    const file = await read(given, options);
    if (given.case === "float8" && file.optimizer === null) {
      expect(file.optimizerProblem).toMatch(/^Its state was left out/);
      return;
    }
    if (problem !== undefined) {
      expect(file.optimizerProblem).toMatch(problem);
      file.dispose();
      return;
    }
    if (!isNamed) expect(file.optimizerProblem).toMatch(/does not say which optimizer|not in the file/);
    else checkState(given, optimizer, file);
    file.dispose();
  });
});

test("a layer that names its own variables, the first of them an integer, has weights without a config, too", async () => {
  const whole = unzipSync(versionBytes("keras3.15.1-tensorflow-own-state.keras"));
  const file = await readKeras(whole["model.weights.h5"] ?? new Uint8Array(), { optimizer: null });
  expect(file.weights.map(({ shape }) => shape.join())).toEqual(["4,3", "3", "3,2", "2", "4"]);
  file.dispose();
});

describe("options.order", () => {
  const WITH_STATE = VERSION_FILES.filter((given) => given.kind === "zip" && UNORDERED.has(given.case) && given.then);
  test.each(WITH_STATE.map((given) => [given.file, given] as const))(
    "gives %s the state of its optimizer",
    async (_, given) => {
      const bytes = versionBytes(given.file);
      const { arrays, dispose } = await readKeras(bytes, { optimizer: null });
      dispose();
      const trained = given.weights.filter(({ trainable }) => trainable);
      // The variables of one value, as biases that begin at 0, are told apart by their shapes and their order.
      const left = new Set(arrays.filter(({ path }) => !/optimizer/.test(path)));
      const order = trained.map(({ hex, shape }) => {
        const found = [...left].find(
          (array) => array.shape.join() === shape.join() && hexOf(array.values(), "float32") === hex,
        );
        if (found === undefined) throw new Error("each trained weight is in the file");
        left.delete(found);
        return found.path;
      });
      const file = await readKeras(bytes, { order });
      const ours = file.weights.filter(({ trainable }) => trainable).map(({ value, dtype }) => hexOf(value, dtype));
      expect(ours).toEqual(trained.map(({ hex }) => hex));
      if (given.optimizer !== null) checkOrdered(given, given.optimizer, file);
      file.dispose();
    },
  );
});

/** The state, and the trained weights after three more steps. */
function checkOrdered(given: VersionFile, optimizer: NonNullable<VersionFile["optimizer"]>, file: KerasFile): void {
  expect(file.optimizerProblem).toBeNull();
  const own = file.optimizer;
  const trained = file.weights.filter(({ trainable }) => trainable);
  for (const step of given.gradients ?? []) own?.apply(step.map(floatsOf), trained);
  expect(own?.iterations).toBe(optimizer.iterations + (given.gradients?.length ?? 0));
  const places = given.weights.flatMap(({ trainable }, i) => (trainable ? [i] : []));
  const most = isKeras3(given) ? MOST_ULP.keras3 : MOST_ULP.keras2;
  for (const [i, variable] of trained.entries()) {
    const theirs = floatsOf(given.then?.weights[places[i] ?? 0] ?? "");
    expect(ulpsBetween(variable.value, theirs)).toBeLessThanOrEqual(most);
  }
}

/** Keras 2's kernels multiply by a reciprocal root, and Ftrl of TensorFlow subtracts powers where roots
 * are exact: their last bits are others. */
const MOST_ULP = { keras3: 0, keras2: 32, fused: 8, power: 64 };

/** JAX compiles the branch of a step that updates after gradients were gathered, and fuses products and sums in it. */
const isFused = (given: VersionFile): boolean => given.case === "accumulating" && !given.keras.includes("tensorflow");

function checkState(given: VersionFile, optimizer: NonNullable<VersionFile["optimizer"]>, file: KerasFile): void {
  expect(file.optimizerProblem).toBeNull();
  const own = file.optimizer;
  const count = countOf(optimizer.variables[0]);
  if (own === null) throw new Error("there is no problem and no optimizer");
  const isCounted = !optimizer.class_name.startsWith("LossScale") && given.keras !== "keras2.2.5";
  if (isCounted) expect([...(own.variables[0]?.value ?? [])]).toEqual([count]);
  if (optimizer.learning_rate !== null) expect(own.learningRate).toBe(Math.fround(optimizer.learning_rate));
  const ours = own.variables.flatMap(({ value, dtype, slot }) => (slot === null ? [] : [hexOf(value, dtype)]));
  const theirs = optimizer.variables.flatMap(({ hex, dtype, shape }, i) =>
    dtype === "float32" && !(shape.length === 0 && (i < 6 || given.case === "nadam")) ? [hex] : [],
  );
  // Keras 2 makes momentum for an optimizer without it, which does nothing.
  const isUnused = given.case === "plain-sgd" && !isKeras3(given);
  if (isUnused) expect(file.notes.join()).toMatch(/slots of momentum/);
  const isUnbuilt = given.case === "untrained" && theirs.length === 0;
  if (isShort(given) || isUnbuilt || given.case === "float8") return;
  if (isKeras3(given)) expect(ours).toEqual(theirs);
  else if (isUnused) expect(ours).toEqual([]);
  else expect(ours.toSorted()).toEqual(theirs.toSorted());
  // Before 2.11, and where a scale is taken off by whom it was put on, Keras 2 computes something else.
  const isBefore211 = /^keras2\.\d\./.test(given.keras);
  // On TensorFlow, Keras' ScheduleFreeAdamW reads what it has just changed; here it is as on NumPy and JAX.
  const isAsOnNumpy = given.case !== "schedule-free" || !given.keras.includes("tensorflow");
  const isComparable =
    isAsOnNumpy &&
    (isUnused || file.notes.length === 0) &&
    !isBefore211 &&
    (isKeras3(given) || !optimizer.class_name.startsWith("LossScale"));
  if (given.gradients === undefined || given.then === undefined || !isComparable) return;
  const trained = file.weights.filter(({ trainable }) => trainable);
  for (const step of given.gradients) own.apply(step.map(floatsOf), trained);
  const ofKeras3 = isFused(given) ? MOST_ULP.fused : given.case === "ftrl" ? MOST_ULP.power : MOST_ULP.keras3;
  const most = isKeras3(given) ? ofKeras3 : MOST_ULP.keras2;
  for (const [i, hex] of given.then.weights.entries()) {
    expect(ulpsBetween(file.weights[i]?.value ?? [], floatsOf(hex))).toBeLessThanOrEqual(most);
  }
}

/** A count of four or eight bytes, which are little-endian. */
const countOf = (array: HeldArray | undefined): number => Buffer.from(array?.hex ?? "00000000", "hex").readInt32LE();

function ulpsBetween(ours: ArrayLike<number>, theirs: Float32Array): number {
  const [a, b] = [new Int32Array(Float32Array.from(ours).buffer), new Int32Array(theirs.buffer)];
  const isZero = (bits: number): boolean => (bits & 0x7fffffff) === 0;
  const between = (x: number, y: number): number => (isZero(x) && isZero(y) ? 0 : Math.abs(x - y));
  return a.reduce((most, bits, i) => Math.max(most, between(bits, b[i] ?? 0)), 0);
}
