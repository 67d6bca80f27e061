// State moves between core and a device, averages are put in place, and what is disposed of is gone.
import * as core from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop, StateMismatchError } from "rmsprop/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bufferOf, type Gpu, startDevice } from "./device.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

const OPTIONS: core.RMSpropOptions = {
  ...{ momentum: 0.9, centered: true, useEma: true, gradientAccumulationSteps: 2, weightDecay: 0.01 },
};
const values = (size: number, of: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => (((i + of) * 7919) % 1013) / 1013 - 0.5);

test("a run goes on bit by bit from core to a device and back, in the middle of an accumulation", async () => {
  const { device } = gpu;
  const through = new core.Variable(values(1003, 0), { name: "w" });
  const direct = new core.Variable(values(1003, 0), { name: "w" });
  const straight = new core.RMSprop(OPTIONS);
  const first = new core.RMSprop(OPTIONS);
  for (let i = 1; i <= 3; i++) first.apply([values(1003, i)], [through]);
  const store: Record<string, core.SavedArray> = {};
  first.saveOwnVariables(store);

  const variable = new GpuVariable(device, through.value.slice(), { name: "w" });
  const middle = RMSprop.fromConfig(device, first.getConfig());
  middle.build([variable]);
  middle.loadOwnVariables(store);
  for (let i = 4; i <= 6; i++) middle.apply([bufferOf(device, values(1003, i))]);
  const saved: Record<string, core.SavedArray> = {};
  await middle.saveOwnVariables(saved);
  through.assign(await variable.read());

  const last = core.RMSprop.fromConfig(middle.getConfig());
  last.build([through]);
  last.loadOwnVariables(saved);
  for (let i = 7; i <= 9; i++) last.apply([values(1003, i)]);
  for (let i = 1; i <= 9; i++) straight.apply([values(1003, i)], [direct]);
  expect(through.value).toEqual(direct.value);
  expect(last.variables.map(({ path, value }) => [path, value.slice()])).toEqual(
    straight.variables.map(({ path, value }) => [path, value.slice()]),
  );
  expect(middle.variables.map(({ path, shape, dtype }) => [path, shape, dtype])).toEqual(
    straight.variables.map(({ path, shape, dtype }) => [path, shape, dtype]),
  );
});

test("one own variable can be read and replaced", async () => {
  const variable = new GpuVariable(gpu.device, [1, 2], { name: "w" });
  const optimizer = new RMSprop(gpu.device);
  optimizer.build([variable]);
  const velocity = optimizer.variables.find(({ name }) => name === "w_velocity");
  velocity?.assign([3, 4]);
  expect(await velocity?.read()).toEqual(Float32Array.of(3, 4));
  expect(await optimizer.variables[0]?.read()).toEqual(Int32Array.of(0));
  expect(() => velocity?.assign([1])).toThrow("w_velocity must have 2 elements");
});

test("state that does not fit is refused with both lists, and nothing is changed", async () => {
  const optimizer = new RMSprop(gpu.device);
  optimizer.build([new GpuVariable(gpu.device, [1, 2], { name: "w" })]);
  expect(() => optimizer.setWeights([1, 0.001, [1, 2, 3]])).toThrow(StateMismatchError);
  expect((await optimizer.getWeights()).map(({ value }) => [...value])).toEqual([[0], [Math.fround(0.001)], [0, 0]]);
});

test("averages are shown to a function, and put in place for good", async () => {
  const { device } = gpu;
  const variable = new GpuVariable(device, values(100, 0));
  const reference = new core.Variable(values(100, 0));
  const optimizer = new RMSprop(device, { useEma: true, learningRate: 0.1 });
  const expected = new core.RMSprop({ useEma: true, learningRate: 0.1 });
  for (let i = 1; i < 4; i++) {
    optimizer.apply([bufferOf(device, values(100, i))], [variable]);
    expected.apply([values(100, i)], [reference]);
  }
  const trained = await variable.read();
  const shown = await optimizer.withAverage(async () => {
    expect(() => optimizer.apply([bufferOf(device, values(100, 1))])).toThrow("withAverage()");
    return variable.read();
  });
  expect(await variable.read()).toEqual(trained);
  optimizer.finalizeVariableValues();
  expected.finalizeVariableValues([reference]);
  expect([shown, await variable.read()]).toEqual([reference.value.slice(), reference.value.slice()]);
});

test("a loss scale is found on the device as in core, without a wait between steps", async () => {
  const { device } = gpu;
  const options = { globalClipnorm: 1, useEma: true };
  const scaling = { initialScale: 8, dynamicGrowthSteps: 2 };
  const inner = new RMSprop(device, options);
  const optimizer = new LossScaleOptimizer(inner, scaling);
  const expected = new core.LossScaleOptimizer(new core.RMSprop(options), scaling);
  const variable = new GpuVariable(device, values(1000, 0), { name: "w" });
  const reference = new core.Variable(values(1000, 0), { name: "w" });
  for (let i = 1; i <= 12; i++) {
    const gradient = values(1000, i);
    // The first step of all is left out, too: the average must not have begun.
    if ([1, 5, 6, 11].includes(i)) gradient[17 * i] = i === 6 ? Number.NaN : Number.POSITIVE_INFINITY;
    optimizer.apply([bufferOf(device, gradient)], [variable]);
    expected.apply([gradient], [reference]);
  }
  const scale = bufferOf(device, [0]);
  const encoder = device.createCommandEncoder();
  optimizer.encodeScale(encoder, scale);
  device.queue.submit([encoder.finish()]);
  expect(await new GpuVariable(device, scale).read()).toEqual(Float32Array.of(expected.dynamicScale));
  expect(() => inner.apply([scale])).toThrow("Await ready() first.");
  await optimizer.settle();
  expect([optimizer.dynamicScale, optimizer.stepCounter, optimizer.iterations]).toEqual([
    ...[expected.dynamicScale, expected.stepCounter, expected.iterations],
  ]);
  expect(await variable.read()).toEqual(reference.value.slice());
  const weights = await optimizer.getWeights();
  expect(weights.map(({ value }) => value)).toEqual(expected.variables.map(({ value }) => value.slice()));

  const other = LossScaleOptimizer.fromConfig(device, optimizer.getConfig());
  other.build([variable]);
  other.setWeights(weights);
  expect([other.dynamicScale, other.iterations]).toEqual([expected.dynamicScale, expected.iterations]);
});

test("a step that counts steps asks to wait for the decision about the last one", async () => {
  const optimizer = new LossScaleOptimizer(new RMSprop(gpu.device, { gradientAccumulationSteps: 2 }));
  const variable = new GpuVariable(gpu.device, [1, 2]);
  optimizer.apply([bufferOf(gpu.device, [1, 1])], [variable]);
  expect(() => optimizer.apply([bufferOf(gpu.device, [1, 1])])).toThrow("Await settle() before the next apply().");
  await optimizer.settle();
  optimizer.apply([bufferOf(gpu.device, [1, 1])]);
  await optimizer.settle();
  expect(optimizer.iterations).toBe(1);
});
