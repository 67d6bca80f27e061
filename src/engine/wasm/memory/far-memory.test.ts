// Addresses above 2 GiB, which are negative as numbers of 32 bits with a sign, and the end of all addresses. Memory that is
// taken only to get there is never touched: it costs nothing but addresses.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { RMSprop, type RMSpropOptions, setEngine, setThreads, Variable } from "../../../plain/index.js";
import { storageOf } from "../../../plain/variable-memory.js";
import { planOf } from "../../../rule/plan.js";
import { defineRule } from "../../../rule/rule.js";
import { viewOf } from "../../arrays.js";
import { defaultEngine } from "../../default-engine.js";
import type { HostArray } from "../../engine.js";
import { WasmKernels } from "../kernels.js";
import { ScalarTable, Table } from "../table.js";
import { Arena, MemoryError } from "./arena.js";
import { ArenaStorage } from "./storage.js";

const GIB = 2 ** 30;
/** Bytes of the smallest block. */
const BLOCK = 64;

afterEach(async () => {
  await setThreads(1);
});

const LENGTHS = [200_003, 7, 70_001, 64];
const numbers = (length: number, seed: number) => new Float32Array(length).map((_, i) => Math.sin(i * 0.7 + seed));
const VALUES = LENGTHS.map(numbers);
const GRADIENTS = LENGTHS.map((length, i) => numbers(length, 9 * i + 1));

interface Trained {
  /** Of variables and slots. */
  readonly bits: readonly Uint8Array[];
  readonly lowestAddress: number;
}

function train(options: RMSpropOptions): Trained {
  const variables = VALUES.map((values) => new Variable(values));
  const gradients = GRADIENTS.map((values) => new Variable(values));
  const optimizer = new RMSprop(options);
  for (let step = 0; step < 4; step++) optimizer.apply(gradients, variables);
  const values = [...variables, ...optimizer.variables].map(({ value }) => value);
  const bits = values.map((value) => new Uint8Array(value.slice().buffer));
  const lowestAddress = Math.min(...variables.map(({ value }) => value.byteOffset));
  for (const made of [optimizer, ...variables, ...gradients]) made.dispose();
  return { bits, lowestAddress };
}

const OPTIONS: readonly RMSpropOptions[] = [
  {},
  { centered: true, momentum: 0.9, weightDecay: 0.01, useEma: true, emaOverwriteFrequency: 2, clipnorm: 1 },
  { globalClipnorm: 0.5, gradientAccumulationSteps: 2, lossScaleFactor: 8 },
];

describe("with everything above 2 GiB", () => {
  const taken: unknown[] = [];

  /** Takes memory for good; returns where it begins. */
  function take(byteLength: number, array: HostArray): number {
    const storage = defaultEngine().zeros({ dtype: "float32", shape: [byteLength / 4], array }, "taken");
    taken.push(storage);
    return viewOf(storage).byteOffset;
  }

  beforeAll(() => {
    setEngine("wasm");
    const first = new Variable([1]);
    taken.push(first);
    take(2 * GIB, storageOf(first));
    while (take(BLOCK, storageOf(first)) < 2 * GIB);
  });

  test.each(OPTIONS)("steps on 1, 2 and 3 threads have the bits of JavaScript with %j", async (options) => {
    setEngine("js");
    const expected = train(options).bits;
    setEngine("wasm");
    for (const threads of [1, 2, 3]) {
      expect(await setThreads(threads)).toBe(threads);
      const { bits, lowestAddress } = train(options);
      expect(lowestAddress).toBeGreaterThanOrEqual(2 * GIB);
      expect(bits.every((each, i) => Buffer.compare(each, expected[i] ?? each) === 0)).toBe(true);
    }
  });
});

/** Hands out all that there is; returns where the last blocks begin, the very last one first. */
function exhaust(arena: Arena): number[] {
  const blocks: number[] = [];
  arena.allocate(4 * GIB - 2 ** 20);
  try {
    for (;;) blocks.push(arena.allocate(BLOCK));
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
  }
  return blocks.sort((a, b) => b - a);
}

const OFF = { norm: false, unscale: false, accumulate: false, decay: false, average: false, overwrite: false };

const DIFFERENCE = defineRule({
  ...{ slots: [], scalars: [] },
  update: (op, { variable, gradient }) => ({ variable: op.sub(variable, gradient) }),
});

/** Elements of an array, and bytes of a table, that fill three blocks. */
const LENGTH = (3 * BLOCK) / 4;

/** Fills a table to its end with parts of arrays. */
function fill(table: Table, arrays: readonly ArenaStorage[]): void {
  table.begin("float32", arrays.length);
  const rows = (3 * BLOCK) / table.stride;
  const addresses = arrays.map(({ address }) => address);
  for (let row = 0; row < rows; row++) table.row(LENGTH / rows, addresses, (row * LENGTH) / rows);
}

describe("at the end of 4 GiB", () => {
  test("nothing that is handed out ends where addresses begin anew", () => {
    const [last = 0, before = 0] = exhaust(new Arena(false));
    expect([last, before]).toEqual([4 * GIB - 2 * BLOCK, 4 * GIB - 3 * BLOCK]);
  });

  test.each(["the table", "the first array", "the second array"])(
    "kernels do all of their work where %s is last",
    (last) => {
      const arena = new Arena(false);
      const [scalars, table, kernels] = [new ScalarTable(arena), new Table(arena), new WasmKernels(arena)];
      const plan = planOf(DIFFERENCE, { dtype: "float32", phase: "update", clip: "none", ...OFF });
      const arrays: ArenaStorage[] = [];
      const create: Readonly<Record<string, () => void>> = {
        "the table": () => table.reserve(8, 2),
        "the first array": () => arrays.unshift(new ArenaStorage(arena, "float32", LENGTH)),
        "the second array": () => arrays.push(new ArenaStorage(arena, "float32", LENGTH)),
      };
      for (const [name, act] of Object.entries(create)) if (name !== last) act();
      for (const start of exhaust(arena).slice(0, 3)) arena.free(start, BLOCK);
      create[last]?.();
      arrays.forEach(({ view }, i) => {
        view.fill(i === 0 ? 5 : 3);
      });
      fill(table, arrays.slice(1));
      kernels.sum("square", plan).run(table.start, table.end, scalars.start);
      const sums = Array.from({ length: table.rows }, (_, row) => table.own[row * table.ownStride]);
      expect(sums).toEqual(Array.from({ length: 12 }, () => (9 * LENGTH) / 12));
      fill(table, arrays);
      kernels.step(plan).run(table.start, table.end, scalars.start);
      expect([...(arrays[0]?.view ?? [])]).toEqual(Array.from({ length: LENGTH }, () => 2));
    },
  );
});
