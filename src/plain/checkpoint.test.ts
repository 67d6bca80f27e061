// What a checkpoint costs that does not fit; what one that fits restores is in test/checkpoint.

import { expect, test, vi } from "vitest";
import { Argument, argumentsOf } from "../check/argument.js";
import { checkLoadOptions } from "../checkpoint/check-arguments.js";
import { joined } from "../checkpoint/safetensors.js";
import { readRun, writeRun } from "../checkpoint/saved-run.js";
import type { RMSpropOptions } from "../optimizers/rmsprop.js";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { RMSprop } from "./index.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import type { AnyOptimizer } from "./registry.js";
import { Variable } from "./variable.js";

const plain = (options: RMSpropOptions): AnyOptimizer => new RMSprop(options);
const scaled = (options: RMSpropOptions): AnyOptimizer => new LossScaleOptimizer(new RMSprop(options));

/** A checkpoint of three variables, one of them overwritten, of an optimizer with averages and accumulators. */
function checkpointOf(make: typeof plain): Uint8Array {
  const optimizer = make({ momentum: 0.5, useEma: true, gradientAccumulationSteps: 2 });
  const variables = [[1, 2], [3], 4].map(
    (value, i) => new Variable(value, { name: `v${i}`, overwriteWithGradient: i === 1 }),
  );
  optimizer.apply([[1, 1], [2], 3], variables);
  return saveCheckpoint(optimizer, variables);
}

/** The same run with other contents. */
function changed(bytes: Uint8Array, change: (run: ReturnType<typeof readRun>) => object): Uint8Array {
  const run = readRun(new Argument("test", "bytes"), bytes, checkLoadOptions(argumentsOf("test")));
  return joined(writeRun(argumentsOf("test"), { ...run, ...change(run) }));
}

const errorOf = (act: () => unknown): Error => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

const CHANGES: readonly (readonly [string, Parameters<typeof changed>[1]])[] = [
  ["a slot that is missing", ({ slots }) => ({ slots: slots.slice(1) })],
  ["no slots at all", () => ({ slots: [] })],
  ["a counter that is missing", ({ counters }) => ({ counters: counters.slice(1) })],
  ["an optimizer that was not built", () => ({ trained: null, slots: [], counters: [] })],
];
const LOADS = [plain, scaled].flatMap((make) => CHANGES.map(([what, change]) => ({ make, what, change })));

test.each(LOADS)(
  "$what of $make.name: no variable is made, and the error is the one for variables that are there",
  ({ make, change }) => {
    const bytes = changed(checkpointOf(make), change);
    const dispose = vi.spyOn(Variable.prototype, "dispose");
    const early = errorOf(() => loadCheckpoint(bytes));
    // What was made would have been disposed of.
    expect(dispose).not.toHaveBeenCalled();
    dispose.mockRestore();
    const variables = [[0, 0], [0], 0].map(
      (value, i) => new Variable(value, { name: `v${i}`, overwriteWithGradient: i === 1 }),
    );
    const late = errorOf(() =>
      loadCheckpoint(bytes, make({ momentum: 0.5, useEma: true, gradientAccumulationSteps: 2 }), variables),
    );
    expect(late.name).toBe("StateMismatchError");
    expect(early).toEqual(late);
  },
);

test.each([{ make: plain }, { make: scaled }])(
  "one that fits is loaded, one of another class refused: $make.name",
  ({ make }) => {
    const bytes = checkpointOf(make);
    const { optimizer, variables } = loadCheckpoint(bytes);
    expect(saveCheckpoint(optimizer, variables)).toEqual(bytes);
    const dispose = vi.spyOn(Variable.prototype, "dispose");
    const other = make === plain ? scaled : plain;
    expect(() => loadCheckpoint(bytes, other({}))).toThrow("the checkpoint is of another optimizer");
    expect(dispose).not.toHaveBeenCalled();
    dispose.mockRestore();
  },
);
