// Every operation that a rule can use, over numbers of every kind, has the bits of core; with a rule of one's own.
import { defineOptimizer, defineRule, type Ops, type OptimizerDefinition, sign } from "rmsprop";
import { GpuVariable, Optimizer } from "rmsprop/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonical } from "../oracle/bits.js";
import { bufferOf, type Gpu, startDevice } from "./device.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

const NUMBERS = [0, -0, 1, -1, 0.1, -3, 1e30, -1e30, 3e38, 2 ** -126, Infinity, -Infinity, NaN, 7, 1 / 3];

const OPERATIONS: Readonly<Record<string, <V>(op: Ops<V>, a: V, b: V) => V>> = {
  add: (op, a, b) => op.add(a, b),
  sub: (op, a, b) => op.sub(a, b),
  "sub of itself": (op, a) => op.sub(a, a),
  mul: (op, a, b) => op.mul(a, b),
  div: (op, a, b) => op.div(a, b),
  sqrt: (op, a) => op.sqrt(a),
  abs: (op, a) => op.abs(a),
  clamp: (op, a) => op.clamp(a, op.constant(-0.5), op.constant(0.5)),
  lessOrEqual: (op, a, b) => op.select(op.lessOrEqual(a, b), op.constant(1), op.constant(-1)),
  select: (op, a, b) => op.select(op.lessOrEqual(b, op.constant(0)), a, b),
  sign: (op, a) => sign(op, a),
  constant: (op) => op.constant(1 / 3),
};

// Of two zeros, either may be the smaller one in WGSL.
const LIMITS: typeof OPERATIONS = {
  min: (op, a, b) => op.abs(op.min(a, b)),
  max: (op, a, b) => op.abs(op.max(a, b)),
};

test.each(Object.entries({ ...OPERATIONS, ...LIMITS }))(
  "%s on the device has the bits of core, but for subnormal numbers",
  async (_, operation) => {
    const rule = defineRule({
      slots: [],
      scalars: [],
      update: (op, { variable, gradient }) => ({ variable: operation(op, variable, gradient) }),
    });
    const definition: OptimizerDefinition = { className: "Operation", options: {}, rule };
    const left = Float32Array.from(NUMBERS.flatMap((a) => NUMBERS.map(() => a)));
    const right = Float32Array.from(NUMBERS.flatMap(() => NUMBERS));
    const variable = new GpuVariable(gpu.device, left);
    const optimizer = new Optimizer(gpu.device, definition, {});
    optimizer.apply([bufferOf(gpu.device, right)], [variable]);
    await optimizer.ready();
    const expected = left.slice();
    new (defineOptimizer(definition))().apply([right], [expected]);
    const [wanted, received] = [canonical(expected), canonical(await variable.read())];
    const differing = [...wanted.keys()].filter((i) => !Object.is(wanted[i], received[i]));
    // 2 ** -126 and a small factor give a subnormal number, which may be flushed.
    const flushed = differing.filter((i) => Math.abs(wanted[i] ?? 0) < 2 ** -126 && received[i] === 0);
    expect(
      differing.filter((i) => !flushed.includes(i)).map((i) => [left[i], right[i], wanted[i], received[i]]),
    ).toEqual([]);
  },
);
