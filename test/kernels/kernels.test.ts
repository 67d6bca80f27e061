// The generated WebAssembly as text: a change of the generator shows here, instruction by instruction.
import { expect, test } from "vitest";
import wabt from "wabt";
import { stepModule } from "../../src/kernel/wasm/step.js";
import { sumModule } from "../../src/kernel/wasm/sum.js";
import { widenModule } from "../../src/kernel/wasm/widen.js";
import { rmspropRule } from "../../src/optimizers/rmsprop.js";
import { type Facts, planOf } from "../../src/rule/plan.js";

const PLAIN: Facts = {
  dtype: "float32",
  phase: "update",
  unscale: false,
  accumulate: false,
  clip: "none",
  norm: false,
  decay: false,
  average: false,
  overwrite: false,
};
const FULL: Facts = {
  ...PLAIN,
  unscale: true,
  accumulate: true,
  clip: "norm",
  decay: true,
  average: true,
  overwrite: true,
};
const plainRule = rmspropRule({ centered: false, momentum: false });
const fullRule = rmspropRule({ centered: true, momentum: true });

const MODULES: readonly { readonly name: string; readonly bytes: Uint8Array; readonly atMost: number }[] = [
  { name: "the plain step", bytes: stepModule(planOf(plainRule, PLAIN), false), atMost: 1200 },
  {
    name: "the plain step in float64",
    bytes: stepModule(planOf(plainRule, { ...PLAIN, dtype: "float64" }), false),
    atMost: 1200,
  },
  { name: "a step with every feature on", bytes: stepModule(planOf(fullRule, FULL), false), atMost: 4096 },
  {
    name: "the sum of squares",
    bytes: sumModule("square", planOf(plainRule, { ...PLAIN, clip: "norm" }), false),
    atMost: 600,
  },
  { name: "float16 as float32", bytes: widenModule("float16", false), atMost: 400 },
  { name: "bfloat16 as float32", bytes: widenModule("bfloat16", false), atMost: 200 },
  { name: "the finite check", bytes: sumModule("nonFinite", planOf(plainRule, PLAIN), false), atMost: 600 },
];

test.each(MODULES)("$name is the WebAssembly that it was", async ({ bytes, atMost }) => {
  const { readWasm } = await wabt();
  const module = readWasm(bytes, { readDebugNames: false });
  module.validate();
  expect(bytes.length).toBeLessThanOrEqual(atMost);
  expect(module.toText({ foldExprs: true })).toMatchSnapshot();
});
