// N + M steps equal N steps, a checkpoint, and M steps of what was loaded: in every bit, for every option.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AnyOptimizer,
  constraints,
  defineOptimizer,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  type RMSpropOptions,
  saveCheckpoint,
  schedules,
  Variable,
} from "rmsprop";
import { expect, test } from "vitest";
import { YOGI } from "../../examples/optimizers/yogi.js";
import { withProgram } from "../child.js";
import { onEveryEngine } from "../contract/support.js";
import fc from "../property.js";
import { isWhole } from "../seed.js";
import { fresh, Run } from "./run.js";

const cosine = new schedules.CosineDecay({
  initialLearningRate: 0.1,
  decaySteps: 9,
  warmupSteps: 2,
  warmupTarget: 0.2,
});

const OPTIONS: readonly RMSpropOptions[] = [
  {},
  { momentum: 0.9, centered: true },
  { weightDecay: 0.01, clipnorm: 0.5 },
  { clipvalue: 0.1 },
  { globalClipnorm: 1, useEma: true },
  { useEma: true, emaOverwriteFrequency: 3, emaMomentum: 0.7 },
  { lossScaleFactor: 1024 },
  { gradientAccumulationSteps: 4, momentum: 0.5, useEma: true },
  { learningRate: cosine, centered: true },
  { learningRate: 0.25, name: "mine", rho: 0.5, epsilon: 1e-3 },
];

onEveryEngine(() => {
  test.each(OPTIONS)("%j goes on in every bit after 5 of 11 steps, in what was given and in new objects", (options) => {
    expectResumed(() => new RMSprop(options), 5, 6);
  });

  test("a loss scale goes on, its scale halved and grown in between", () => {
    const make = () =>
      new LossScaleOptimizer(new RMSprop({ useEma: true }), { initialScale: 1024, dynamicGrowthSteps: 2 });
    expectResumed(make, 7, 5, (step) => (step === 3 ? Number.NaN : 1));
  });

  test("an optimizer of one's own goes on", () => {
    const Yogi = defineOptimizer(YOGI);
    expectResumed(() => new Yogi({ weightDecay: 0.1 }), 3, 4, undefined, { Yogi });
  });

  test("random options go on after any number of steps", () => {
    const some = <T>(value: T) => fc.constantFrom<T | null>(null, value);
    const record = fc.record({
      momentum: fc.constantFrom(0, 0.9),
      centered: fc.boolean(),
      weightDecay: some(0.1),
      clip: fc.constantFrom({}, { clipnorm: 0.5 }, { clipvalue: 0.1 }, { globalClipnorm: 2 }),
      useEma: fc.boolean(),
      emaOverwriteFrequency: some(2),
      lossScaleFactor: some(8),
      gradientAccumulationSteps: some(3),
    });
    fc.assert(
      fc.property(record, fc.nat(7), fc.nat(5), ({ clip, ...options }, before, after) => {
        expectResumed(() => new RMSprop({ ...options, ...clip }), before, after);
      }),
      // `npm run test:random` and `npm run test:package` draw 60.
      { numRuns: isWhole ? 60 : 20, seed: 5 },
    );
  });

  test("float64, plain arrays, constraints, names and texts come back", () => {
    const kernel = new Variable(
      [
        [1, 2],
        [3, 4],
      ],
      { name: "kernel", dtype: "float64", constraint: new constraints.NonNeg() },
    );
    const bias = new Float32Array([0.5, -0.5]);
    const frozen = new Variable(3, { name: "frozen", trainable: false });
    const optimizer = new RMSprop({ momentum: 0.9, weightDecay: 0.1 });
    optimizer.excludeFromWeightDecay({ variables: [bias] });
    optimizer.apply(
      [
        [
          [1, 1],
          [1, 1],
        ],
        bias.slice(),
      ],
      [kernel, bias],
    );
    const bytes = saveCheckpoint(optimizer, [frozen, kernel, bias], { epoch: "3" });
    expect(saveCheckpoint(optimizer, [frozen, kernel, bias], { epoch: "3" })).toEqual(bytes);
    const loaded = loadCheckpoint(bytes);
    expect(loaded.metadata).toEqual({ epoch: "3" });
    const [again, twin, plain] = loaded.variables as [Variable, Variable, Float32Array];
    expect([again.name, again.trainable, twin.name, twin.dtype, twin.shape]).toEqual([
      "frozen",
      false,
      "kernel",
      "float64",
      [2, 2],
    ]);
    expect([twin.constraint?.constructor.name, plain.constructor.name]).toEqual(["NonNeg", "Float32Array"]);
    const step = (own: AnyOptimizer, a: Variable, b: Float32Array) =>
      own.apply(
        [
          [
            [1, -1],
            [9, 1],
          ],
          b.slice(),
        ],
        [a, b],
      );
    step(optimizer, kernel, bias);
    step(loaded.optimizer, twin, plain);
    expect([[...twin.value], [...plain]]).toEqual([[...kernel.value], [...bias]]);
  });
});

test("a new process goes on in every bit", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
  const options = { momentum: 0.9, useEma: true, gradientAccumulationSteps: 2 };
  const run = new Run(new RMSprop(options), fresh());
  run.train(0, 5);
  const file = join(folder, "run.safetensors");
  writeFileSync(file, saveCheckpoint(run.optimizer, run.variables));
  const program = fileURLToPath(new URL("./resume-child.ts", import.meta.url));
  const printed = await withProgram(program, (path) =>
    execFileSync(process.execPath, [path, file, "5", "4"], { encoding: "utf8" }),
  );
  run.train(5, 4);
  expect(JSON.parse(printed)).toEqual(run.state());
  rmSync(folder, { recursive: true });
}, 60_000);

function expectResumed(
  make: () => AnyOptimizer,
  before: number,
  after: number,
  factor?: (step: number) => number,
  customObjects = {},
): void {
  const run = new Run(make(), fresh(), factor);
  run.train(0, before);
  const bytes = saveCheckpoint(run.optimizer, run.variables);
  const given = new Run(make(), fresh(), factor);
  const order = [...given.variables].reverse(); // they are found by name
  loadCheckpoint(bytes, given.optimizer, order);
  const { optimizer, variables } = loadCheckpoint(bytes, null, null, customObjects);
  const made = new Run(optimizer, variables, factor);
  expect([given.state(), made.state()]).toEqual([run.state(), run.state()]);
  for (const each of [run, given, made]) each.train(before, after);
  expect([given.state(), made.state()]).toEqual([run.state(), run.state()]);
  for (const each of [run, given, made]) {
    each.optimizer.dispose();
    for (const variable of each.variables) (variable as Variable).dispose();
  }
}
