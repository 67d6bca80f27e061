// What a step costs: submits, objects made, waits; and steps in a command buffer of the user's.
import * as core from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bufferOf, type Gpu, startDevice } from "./device.js";
import { spiedDevice } from "./spied.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

const OPTIONS = [
  {},
  { momentum: 0.9, centered: true, useEma: true, weightDecay: 0.1 },
  { clipnorm: 1 },
  { globalClipnorm: 1, gradientAccumulationSteps: 2 },
];
const SIZES = [1, 100, 5000, 3];
const values = (size: number, of: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => ((i + of) % 9) - 4);

test.each(OPTIONS)(
  "a step over all variables is one submit, and makes nothing after the first: %o",
  async (options) => {
    const { device, calls } = spiedDevice(gpu.device);
    const variables = SIZES.map((size) => new GpuVariable(device, values(size, 1)));
    // Two sets of gradients that take turns, as engines with two sets of buffers have them.
    const gradients = [2, 3].map((of) => SIZES.map((size) => bufferOf(device, values(size, of))));
    const optimizer = new RMSprop(device, options);
    const step = (i: number): void => optimizer.apply(gradients[i % 2] ?? [], variables);
    for (let i = 0; i < 4; i++) step(i);
    calls.reset();
    for (let i = 0; i < 10; i++) step(i);
    expect(calls.count("submit")).toBe(10);
    expect(calls.created()).toBe(0);
    expect(calls.count("onSubmittedWorkDone") + calls.count("mapAsync")).toBe(0);
    await optimizer.ready();
    optimizer.dispose();
  },
);

test("a step with a loss scale is one submit, too, and nothing is read back", async () => {
  const { device, calls } = spiedDevice(gpu.device);
  const variables = SIZES.map((size) => new GpuVariable(device, values(size, 1)));
  const gradients = SIZES.map((size) => bufferOf(device, values(size, 2)));
  const optimizer = new LossScaleOptimizer(new RMSprop(device, { globalClipnorm: 1 }));
  for (let i = 0; i < 2; i++) optimizer.apply(gradients, variables);
  calls.reset();
  for (let i = 0; i < 10; i++) optimizer.apply(gradients);
  expect([calls.count("submit"), calls.created(), calls.count("onSubmittedWorkDone")]).toEqual([10, 0, 0]);
  await optimizer.settle();
  expect(optimizer.iterations).toBe(12);
  optimizer.dispose();
});

test("what an optimizer and its variables have made is destroyed with them", async () => {
  const { device, calls } = spiedDevice(gpu.device);
  const options = { globalClipnorm: 1, useEma: true, momentum: 0.9, centered: true };
  // Enough sums that their buffer has to grow.
  const sizes = [...SIZES, 1_100_000];
  const variables = sizes.map((size) => new GpuVariable(device, values(size, 1)));
  const optimizer = new LossScaleOptimizer(new RMSprop(device, options));
  optimizer.encodeScale(device.createCommandEncoder(), bufferOf(gpu.device, [0]));
  for (let i = 0; i < 3; i++) optimizer.apply([...variables].reverse(), [...variables].reverse());
  await optimizer.innerOptimizer.withAverage(async () => optimizer.settle());
  await optimizer.getWeights();
  expect(calls.live()).toBeGreaterThan(sizes.length * 5);
  for (const made of [optimizer, ...variables]) made.dispose();
  expect(calls.live()).toBe(0);
});

test("variables with the same options share pipelines, also those of another optimizer", async () => {
  const { device, calls } = spiedDevice(gpu.device);
  const make = (): RMSprop => {
    const optimizer = new RMSprop(device, { clipnorm: 1 });
    const variables = SIZES.map((size) => new GpuVariable(device, values(size, 1)));
    optimizer.apply(
      SIZES.map((size) => bufferOf(device, values(size, 2))),
      variables,
    );
    return optimizer;
  };
  const first = make();
  const pipelines = calls.count("createComputePipeline");
  const second = make();
  expect(pipelines).toBe(4); // leaves, join, what keeps sums, and step
  expect(calls.count("createComputePipeline")).toBe(pipelines);
  await Promise.all([first.ready(), second.ready()]);
});

test("steps in a command buffer of the user's: several of them, each with its own scalars", async () => {
  const { device } = gpu;
  const schedule = new core.schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 });
  const options = { learningRate: schedule, momentum: 0.9, clipnorm: 1 };
  const variable = new GpuVariable(device, values(1000, 1));
  const reference = new core.Variable(values(1000, 1));
  const optimizer = new RMSprop(device, options);
  const expected = new core.RMSprop(options);
  const encoder = device.createCommandEncoder();
  // More than one buffer of scalars holds.
  for (let i = 0; i < 300; i++) {
    optimizer.encode(encoder, [bufferOf(device, values(1000, i))], [variable]);
    expected.apply([values(1000, i)], [reference]);
  }
  expect(await variable.read()).toEqual(values(1000, 1));
  device.queue.submit([encoder.finish()]);
  expect(await variable.read()).toEqual(reference.value.slice());
  expect(optimizer.iterations).toBe(300);
});

test("a gradient that lies in a variable's memory is read as it was before the step", async () => {
  const { device } = gpu;
  const buffer = bufferOf(device, new Float32Array(256));
  const [a, b] = [0, 1].map((i) => {
    const variable = new GpuVariable(device, buffer, { byteOffset: 512 * i, shape: [100], name: `v${i}` });
    return variable.assign(values(100, i));
  }) as [GpuVariable, GpuVariable];
  const [x, y] = [values(100, 0), values(100, 1)];
  const optimizer = new RMSprop(device);
  const reference = new core.RMSprop();
  for (let i = 0; i < 3; i++) {
    optimizer.apply([b, a], [a, b]);
    reference.apply([y.slice(), x.slice()], [x, y]);
  }
  expect([await a.read(), await b.read()]).toEqual([x, y]);
  await optimizer.ready();
});

test("variables and gradients may be parts of one buffer", async () => {
  const { device } = gpu;
  const buffer = bufferOf(device, [...values(64, 1), ...values(64, 2)]);
  const variable = new GpuVariable(device, buffer, { shape: [8, 8], name: "w" });
  const gradient = new GpuVariable(device, buffer, { byteOffset: 256, shape: [8, 8], name: "g" });
  const expected = values(64, 1);
  new core.RMSprop({ clipnorm: 1 }).apply([values(64, 2)], [expected]);
  const optimizer = new RMSprop(device, { clipnorm: 1 });
  optimizer.apply([gradient], [variable]);
  await optimizer.ready();
  expect(await variable.read()).toEqual(expected);
});
