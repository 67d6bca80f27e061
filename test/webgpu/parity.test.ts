// The same steps with core and on a device: sums over many sizes, split arrays, the table of tolerances.
import * as core from "rmsprop";
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonical, fill, streamOf, ulpDistance } from "../oracle/bits.js";
import { bufferOf, type Gpu, startDevice } from "./device.js";
import { spiedDevice } from "./spied.js";
import { TOLERANCES } from "./tolerances.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

const bytes = (values: ArrayLike<number>): string =>
  Buffer.from(canonical(Float32Array.from(values)).buffer).toString("base64");

/** Numbers whose squares are no subnormals. */
const numbers = (size: number, step: number, index: number): Float32Array =>
  fill(size, "float32", "normal", streamOf(7, step, index)) as Float32Array;

/** Runs both; returns what each holds in the end, variables and state. */
async function runBoth(
  device: GPUDevice,
  sizes: readonly number[],
  options: core.RMSpropOptions,
  steps: number,
  taking: readonly number[] = [],
): Promise<[expected: string[], received: string[]]> {
  const own = sizes.map((_, i) => ({ overwriteWithGradient: taking.includes(i) }));
  const ours = sizes.map((size, i) => new core.Variable(numbers(size, 0, i), own[i]));
  const theirs = sizes.map((size, i) => new GpuVariable(device, numbers(size, 0, i), own[i]));
  const reference = new core.RMSprop(options);
  const optimizer = new RMSprop(device, options);
  for (let step = 1; step <= steps; step++) {
    const gradients = sizes.map((size, i) => numbers(size, step, i));
    reference.apply(gradients, ours);
    optimizer.apply(
      gradients.map((values) => bufferOf(gpu.device, values)),
      theirs,
    );
  }
  const expected = [...ours, ...reference.variables].map(({ value }) => bytes(value));
  const state = await optimizer.getWeights();
  const values = await Promise.all(theirs.map((variable) => variable.read()));
  const received = [...values, ...state.map(({ value }) => value)].map(bytes);
  for (const made of [reference, optimizer, ...ours, ...theirs]) made.dispose();
  return [expected, received];
}

const CLIPS = [{ clipnorm: 0.37 }, { globalClipnorm: 0.37 }];
const EVERYTHING: core.RMSpropOptions = {
  ...{ momentum: 0.9, centered: true, weightDecay: 0.01, gradientAccumulationSteps: 2, lossScaleFactor: 4 },
  ...{ useEma: true, emaOverwriteFrequency: 2 },
};

describe("on the adapter that was found, with the bits of core", () => {
  const sizes = [1, 2, 7, 8, 9, 15, 127, 128, 129, 136, 255, 1003, 4095, 4096, 4097, 8200, 65_537, 300_003];
  test.each(CLIPS)("norms are sums in NumPy's order for every size: %o", async (clip) => {
    const [expected, received] = await runBoth(gpu.device, sizes, clip, 2);
    expect(received).toEqual(expected);
  });

  test.each(CLIPS)("more variables than one leaf of the tree holds have one norm: %o", async (clip) => {
    const [expected, received] = await runBoth(gpu.device, Array<number>(300).fill(5), clip, 2);
    expect(received).toEqual(expected);
  });

  // 2,048 elements at a time: a step is cut into ten, a sum into sixteen branches.
  test.each([{}, ...CLIPS])("arrays above the limits of the device are split: %o", async (clip) => {
    const { device, calls } = spiedDevice(gpu.device, { maxStorageBufferBindingSize: 8192 + 256 });
    const [expected, received] = await runBoth(device, [20_011, 2048, 2049, 3], { ...EVERYTHING, ...clip }, 4);
    expect(received).toEqual(expected);
    expect(calls.count("createBindGroup")).toBeGreaterThan(10 + 1 + 2 + 1);
  });

  test.each([{}, ...CLIPS])("variables that take their gradient stand among others: %o", async (clip) => {
    const [expected, received] = await runBoth(gpu.device, [5, 300, 7, 9], { ...EVERYTHING, ...clip }, 4, [0, 2]);
    expect(received).toEqual(expected);
  });

  test("a sum of more elements than two passes hold needs a third", async () => {
    const [expected, received] = await runBoth(gpu.device, [2_300_000], { clipnorm: 1 }, 1);
    expect(received).toEqual(expected);
  });
});

describe("one step from zero, by option", () => {
  test.each(TOLERANCES)(
    "$option is within $allowed ulp, and on SwiftShader within $swiftshader: $reason",
    async ({ options, allowed, swiftshader }) => {
      const sizes = [7, 129, 5000];
      const zeros = sizes.map((size) => new Float32Array(size));
      const gradients = sizes.map((size, i) => numbers(size, 1, i));
      const reference = new core.RMSprop(options);
      const optimizer = new RMSprop(gpu.device, options);
      const variables = sizes.map((size) => new GpuVariable(gpu.device, new Float32Array(size)));
      reference.apply(gradients, zeros);
      optimizer.apply(
        gradients.map((values) => bufferOf(gpu.device, values)),
        variables,
      );
      const received = await Promise.all(variables.map((variable) => variable.read()));
      const distances = zeros.flatMap((values, i) =>
        Array.from(values, (value, at) => ulpDistance(value, received[i]?.[at] ?? Number.NaN, "float32")),
      );
      for (const made of [reference, optimizer, ...variables]) made.dispose();
      const isSwiftShader = gpu.adapter.info.architecture === "swiftshader";
      expect(Math.max(...distances)).toBeLessThanOrEqual(isSwiftShader ? swiftshader : allowed);
    },
  );
});
