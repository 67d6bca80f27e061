// The generated WGSL: a change of the generator shows here, line by line. That it runs is tested in test/webgpu.
import { expect, test } from "vitest";
import { cellsShader, nonNegativeShader, weightsShader } from "../../src/kernel/wgsl/constraint.js";
import { Lines, stepShader, wgslOps } from "../../src/kernel/wgsl/step.js";
import { decideShader, joinShader, leavesShader } from "../../src/kernel/wgsl/sum.js";
import { rmspropRule } from "../../src/optimizers/rmsprop.js";
import type { NormBlocks, NormConstraintData } from "../../src/rule/constraint-formula.js";
import { type Facts, planOf } from "../../src/rule/plan.js";

const PLAIN: Facts = {
  ...{ dtype: "float32", phase: "update", unscale: false, accumulate: false, clip: "none", norm: false },
  ...{ decay: false, average: false, overwrite: false },
};
const FULL: Facts = {
  ...PLAIN,
  ...{ unscale: true, accumulate: true, clip: "norm", decay: true, average: true, overwrite: true },
};
const plainRule = rmspropRule({ centered: false, momentum: false });
const fullRule = rmspropRule({ centered: true, momentum: true });
const free = { guarded: false };
const guarded = { guarded: true };

const COLUMNS: NormBlocks = {
  ...{ outerShape: [7], reduced: [true, false], length: 5, isReduced: false, cellCount: 5 },
};
const IMAGES: NormBlocks = {
  ...{ outerShape: [2, 3], reduced: [true, false, true], length: 300, isReduced: true, cellCount: 3 },
};
const MIN_MAX: NormConstraintData = { kind: "MinMaxNorm", minValue: 0.5, maxValue: 1, rate: 0.3 };

test.each([
  { name: "the plain step", code: stepShader(planOf(plainRule, PLAIN), free) },
  { name: "a step with every feature on", code: stepShader(planOf(fullRule, FULL), free) },
  {
    name: "a step that the finite check guards",
    code: stepShader(planOf(plainRule, { ...PLAIN, unscale: true, average: true, clip: "globalNorm" }), guarded),
  },
  {
    name: "the first pass of a sum of squares",
    code: leavesShader("square", planOf(plainRule, { ...PLAIN, unscale: true, clip: "norm" }), free),
  },
  { name: "a further pass of a sum", code: joinShader() },
  { name: "the decision about a step", code: decideShader() },
  { name: "non-negative weights", code: nonNegativeShader(true) },
  { name: "norms of columns", code: cellsShader({ kind: "MaxNorm", maxValue: 2 }, COLUMNS, false) },
  { name: "norms of rows, of images", code: cellsShader(MIN_MAX, IMAGES, true) },
  { name: "weights by their norms", code: weightsShader(MIN_MAX, IMAGES, false) },
])("$name is the WGSL that it was", ({ code }) => {
  expect(code).toMatchSnapshot();
});

test("a step with every feature on touches eight storage buffers, as many as every device has", () => {
  const code = stepShader(planOf(fullRule, FULL), guarded);
  expect(code.match(/var<storage/g)).toHaveLength(8);
});

test("constants are those of float32, to the bit", () => {
  const op = wgslOps(new Lines());
  expect([1e-7, -0, 3, 0.1, 1e30].map(op.constant)).toEqual([
    ...["1.0000000116860974e-7f", "-0f", "3f", "0.10000000149011612f", "1.0000000150474662e+30f"],
  ]);
  expect(() => op.constant(1e39)).toThrow("a constant must be finite in float32");
});
