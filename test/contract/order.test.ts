// The loop of a kernel runs several elements at once, each at another stage of the rule. However a rule mixes early and
// late values, every element comes out as if it were alone.

import { defineOptimizer, defineRule, type Ops, type Rule, setEngine, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import fc from "../property.js";
import { choice } from "../seed.js";
import { numbersOf } from "./states.js";
import { runsOf } from "./support.js";

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

// Memory that grows at every turn is slow.
const isGrowing = process.env.RMSPROP_TESTED === "wasm";
const ALL_LENGTHS = Array.from({ length: 40 }, (_, i) => i + 1);
const LENGTHS = choice(ALL_LENGTHS, isGrowing ? 3 : 1);

/** Three steps on an engine; the variable is its own gradient in the second one. */
function run(engine: "js" | "wasm", rule: Rule<"slot">, dtype: "float32" | "float64", length: number): string {
  setEngine(engine);
  const Ruled = defineOptimizer({ className: "Ruled", options: {}, rule });
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

/** One operation of a random rule, over values that came before it, by their numbers. */
interface Node {
  readonly operation: keyof typeof OPERATIONS;
  readonly operands: readonly number[];
}

const OPERATIONS = {
  add: <V>(op: Ops<V>, a: V, b: V): V => op.add(a, b),
  mul: <V>(op: Ops<V>, a: V, b: V): V => op.mul(a, b),
  div: <V>(op: Ops<V>, a: V, b: V): V => op.div(a, b),
  root: <V>(op: Ops<V>, a: V): V => op.sqrt(op.abs(a)),
  clamp: <V>(op: Ops<V>, a: V): V => op.clamp(a, op.constant(-1), op.constant(2)),
  select: <V>(op: Ops<V>, a: V, b: V, c: V): V => op.select(op.lessOrEqual(a, b), c, a),
  unless: <V>(op: Ops<V>, a: V, b: V, c: V): V => op.select(op.lessOrEqual(a, b), op.constant(0), c),
} as const;

/** A rule that computes these nodes and stores some of its values. */
function ruleOf(nodes: readonly Node[], outputs: readonly (number | null)[]): Rule<"slot"> {
  return defineRule({
    slots: ["slot"],
    scalars: [],
    update<V>(op: Ops<V>, x: Readonly<Record<"variable" | "gradient" | "slot", V>>) {
      const values = [x.variable, x.gradient, x.slot];
      const at = (number = 0): V => values[number % values.length] as V;
      for (const {
        operation,
        operands: [a, b, c],
      } of nodes)
        values.push(OPERATIONS[operation](op, at(a), at(b), at(c)));
      const [variable, slot] = outputs.map((number) => (number === null ? null : at(number)));
      return { ...(variable && { variable }), ...(slot && { slot }) };
    },
  });
}

test("random rules have the bits of the reference", () => {
  const number = fc.nat({ max: 50 });
  const operation = fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]));
  const node = fc.record({ operation, operands: fc.tuple(number, number, number) });
  const output = fc.option(number, { freq: 5 });
  const cases = fc.record({
    nodes: fc.array(node, { maxLength: 24 }),
    outputs: fc.tuple(output, output),
    length: fc.integer({ min: 1, max: 40 }),
    dtype: fc.constantFrom("float32" as const, "float64" as const),
  });
  const property = fc.property(cases, ({ nodes, outputs, length, dtype }) => {
    const rule = ruleOf(nodes, outputs);
    expect(run("wasm", rule, dtype, length)).toBe(run("js", rule, dtype, length));
  });
  fc.assert(property, { numRuns: runsOf(300) });
});
