// The loop of a kernel runs several elements at once, each at another stage of the rule. However a rule mixes early and
// late values, every element comes out as if it were alone.
import { defineOptimizer, defineRule, type Rule, setEngine, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { numbersOf } from "./states.js";

const RULES: Readonly<Record<string, Rule<"slot">>> = {
  "a slot that is read after its new value is known": defineRule({
    slots: ["slot"],
    scalars: [],
    update: (op, x) => ({
      variable: op.sub(x.variable, op.mul(x.slot, op.div(x.gradient, op.sqrt(op.abs(x.variable))))),
      slot: x.gradient,
    }),
  }),
  "a variable that is written before the gradient is divided": defineRule({
    slots: ["slot"],
    scalars: [],
    update: (op, x) => ({
      variable: op.constant(0.5),
      slot: op.div(x.gradient, op.add(op.sqrt(op.abs(x.slot)), op.constant(1))),
    }),
  }),
  "five divisions, each of the last one": defineRule({
    slots: ["slot"],
    scalars: [],
    update(op, x) {
      let quotient = x.gradient;
      for (let i = 0; i < 5; i++) quotient = op.div(x.variable, op.add(op.abs(quotient), op.constant(0.25)));
      return { variable: quotient, slot: op.sub(x.slot, quotient) };
    },
  }),
  "zero where a comparison holds": defineRule({
    slots: ["slot"],
    scalars: [],
    update: (op, x) => ({
      variable: op.select(op.lessOrEqual(x.gradient, x.slot), op.constant(0), x.variable),
      slot: op.select(op.lessOrEqual(x.slot, x.variable), x.gradient, op.constant(0)),
    }),
  }),
  "nothing but a slot that is cleared": defineRule({
    slots: ["slot"],
    scalars: [],
    update: (op) => ({ slot: op.constant(0) }),
  }),
};

const LENGTHS = Array.from({ length: 40 }, (_, i) => i + 1);

/** Three steps on an engine; the variable is its own gradient in the second one. */
function run(engine: "js" | "wasm", rule: Rule<"slot">, dtype: "float32" | "float64", length: number): string {
  setEngine(engine);
  const Ruled = defineOptimizer({ className: "Ruled", defaults: {}, constants: () => ({}), rule });
  const variable = new Variable(numbersOf(length, length), { dtype });
  const optimizer = new Ruled();
  const given = (seed: number): number[] => Array.from(numbersOf(seed, length));
  const gradients = [given(length + 1), variable, given(length + 2)];
  for (const gradient of gradients) optimizer.apply([gradient], [variable]);
  const slots = optimizer.variables.map((slot) => Array.from(slot.value));
  return JSON.stringify([optimizer.engine === engine, Array.from(variable.value), slots]);
}

describe.each(Object.entries(RULES))("%s", (_, rule) => {
  test.each(["float32", "float64"] as const)("has the bits of the reference at every length, in %s", (dtype) => {
    for (const length of LENGTHS) {
      const expected = run("js", rule, dtype, length);
      expect(expected.startsWith("[true")).toBe(true);
      expect(run("wasm", rule, dtype, length), `${length} elements`).toBe(expected);
    }
    setEngine("auto");
  });
});
