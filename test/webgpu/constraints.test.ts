// Constraints on a device: the weights that core's have, after each step, whatever the shape and the axes.
import * as core from "rmsprop";
import { type GpuConstraint, GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fill, streamOf } from "../oracle/bits.js";
import { bufferOf, type Gpu, startDevice } from "./device.js";
import { spiedDevice } from "./spied.js";

const { MaxNorm, MinMaxNorm, NonNeg, UnitNorm } = core.constraints;

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
const numbers = (shape: readonly number[], step: number): Float32Array =>
  fill(sizeOf(shape), "float32", "normal", streamOf(11, step, 0)) as Float32Array;

const CASES: readonly (readonly [constraint: GpuConstraint, shape: readonly number[]])[] = [
  [new NonNeg(), [1500]],
  [new MaxNorm(), [7, 5]],
  [new MaxNorm({ maxValue: 0.5, axis: 1 }), [300, 9]],
  [new MaxNorm({ maxValue: 0.5, axis: [0, 2] }), [4, 6, 5]],
  [new MaxNorm({ axis: [1, 2] }), [3, 17, 9]],
  [new UnitNorm(), [129, 300]],
  [new UnitNorm({ axis: null }), [5003]],
  [new UnitNorm({ axis: -1 }), [3, 1027]],
  [new UnitNorm({ axis: [0, 1, 2] }), [3, 3, 130]],
  [new UnitNorm(), [1]],
  [new UnitNorm({ axis: 0 }), []],
  [new MinMaxNorm({ minValue: 0.5, maxValue: 0.8, rate: 0.3 }), [40, 8]],
  [new MinMaxNorm({ minValue: 0.5, axis: [1, 3] }), [2, 3, 4, 5]],
  [new MinMaxNorm({ rate: 0.7, axis: [0, 3] }), [2, 1, 4, 130]],
  [new MaxNorm(), [0, 3]],
];

test.each(
  CASES.map(([constraint, shape]) => ({ constraint, shape, type: constraint.constructor.name, ...constraint })),
)("$type over axis $axis of [$shape] has the bits of core after each step", async ({ constraint, shape }) => {
  const ours = new core.Variable(numbers(shape, 0), { shape, constraint });
  const theirs = new GpuVariable(gpu.device, numbers(shape, 0), { shape, constraint });
  const options = { learningRate: 0.1, gradientAccumulationSteps: 2 };
  const [expected, optimizer] = [new core.RMSprop(options), new RMSprop(gpu.device, options)];
  const before = ours.value.slice();
  for (let step = 1; step <= 4; step++) {
    expected.apply([numbers(shape, step)], [ours]);
    optimizer.apply([bufferOf(gpu.device, numbers(shape, step))], [theirs]);
    expect(await theirs.read()).toEqual(ours.value.slice());
  }
  if (sizeOf(shape) > 0) expect(ours.value.slice()).not.toEqual(before);
  optimizer.dispose();
});

test("NaN stays visible, and -0 becomes 0", async () => {
  const start = [-1, 0, Number.NaN, 2, -0];
  const ours = new core.Variable(start, { constraint: new NonNeg() });
  const theirs = new GpuVariable(gpu.device, start, { constraint: new NonNeg() });
  new core.RMSprop().apply([[0, 0, 0, 0, 0]], [ours]);
  new RMSprop(gpu.device).apply([bufferOf(gpu.device, [0, 0, 0, 0, 0])], [theirs]);
  expect(await theirs.read()).toEqual(ours.value.slice());
  expect(await theirs.read()).toEqual(Float32Array.of(0, 0, Number.NaN, 2, 0));
});

test("only variables with a gradient are constrained, and none in a step that a loss scale leaves out", async () => {
  const constraint = new UnitNorm();
  const ours = [1, 2].map((of) => new core.Variable(numbers([20], of), { constraint }));
  const theirs = [1, 2].map((of) => new GpuVariable(gpu.device, numbers([20], of), { constraint, name: `v${of}` }));
  const expected = new core.LossScaleOptimizer(new core.RMSprop(), { initialScale: 2 });
  const optimizer = new LossScaleOptimizer(new RMSprop(gpu.device), { initialScale: 2 });
  const gradients = [Float32Array.from({ length: 20 }, () => Number.NaN), numbers([20], 3), numbers([20], 4)];
  for (const gradient of gradients) {
    expected.apply([gradient, null], ours);
    optimizer.apply([bufferOf(gpu.device, gradient), null], theirs);
    const read = await Promise.all(theirs.map((variable) => variable.read()));
    expect(read).toEqual(ours.map(({ value }) => value.slice()));
  }
  expect(await theirs[1]?.read()).toEqual(numbers([20], 2));
});

test("a step with constraints is one submit, makes nothing after the first, and what it made is destroyed", async () => {
  const { device, calls } = spiedDevice(gpu.device);
  const constraint = new MaxNorm();
  const variables = [8, 3].map(
    (rows) => new GpuVariable(device, numbers([rows, 5], 0), { shape: [rows, 5], constraint }),
  );
  const gradients = variables.map(({ size }) => bufferOf(gpu.device, numbers([size], 1)));
  const optimizer = new RMSprop(device);
  optimizer.apply(gradients, variables);
  calls.reset();
  for (let i = 0; i < 5; i++) optimizer.apply(gradients);
  expect([calls.count("submit"), calls.created()]).toEqual([5, 0]);
  await optimizer.ready();
  for (const made of [optimizer, ...variables]) made.dispose();
  expect(calls.live()).toBe(0);
});

test("a step that the device refuses leaves constrained variables as they were", async () => {
  const own = new GpuVariable(gpu.device, numbers([20], 0), { constraint: new UnitNorm(), name: "w" });
  const optimizer = new RMSprop(gpu.device);
  optimizer.build([own]);
  const gone = bufferOf(gpu.device, numbers([20], 1));
  gone.destroy();
  optimizer.apply([gone]);
  await expect(optimizer.ready()).rejects.toThrow("was refused by the device");
  expect(await own.read()).toEqual(numbers([20], 0));
});

test("code of the user's own is refused at the border, and so is a shape that does not fit", () => {
  class Own extends NonNeg {}
  class Namesake extends core.constraints.Constraint {
    static override readonly className: string = "NonNeg";
    override call = (value: Float32Array | Float64Array): Float32Array | Float64Array => value;
  }
  const own = [
    () => [0],
    new Own(),
    new Namesake(),
    { call: () => [0] },
    "NonNeg",
  ] as unknown as core.constraints.NonNeg[];
  for (const constraint of own) {
    const make = () => new GpuVariable(gpu.device, [1], { constraint });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(
      "constraint must be NonNeg, MaxNorm, UnitNorm, MinMaxNorm or null: a device cannot run code of your own",
    );
  }
  const wide = () => new GpuVariable(gpu.device, [1, 2], { constraint: new MaxNorm({ axis: 1 }) });
  const large = () => new GpuVariable(gpu.device, [1, 2], { constraint: new MaxNorm({ maxValue: 1e39 }) });
  expect(large).toThrow("GpuVariable: maxValue must be finite in float32; received maxValue=1e+39.");
  expect(wide).toThrow("MaxNorm: axis must name axes of the shape [2], each once");
});
