// Gradients of two bytes a number in buffers: a step with them is, in every bit, the step with the same numbers as float32.
import { type GpuGradient, GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { numbersOf } from "../contract/states.js";
import { ALL_HALVES, FORMATS, floatBitsOf, floatsOf, someHalves, wordsOf } from "../half.js";
import { ALL_USAGES, bufferOf, type Gpu, startDevice } from "./device.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

/** Bits in a buffer of whole words, from `byteOffset` on; what is beside them is no number. */
function bufferOfBits(bits: Uint16Array, byteOffset = 0): GPUBuffer {
  const size = byteOffset + 4 * Math.ceil(bits.length / 2);
  const bytes = new Uint16Array(size / 2).fill(0xffff);
  bytes.set(bits, byteOffset / 2);
  const buffer = gpu.device.createBuffer({ size, usage: ALL_USAGES });
  gpu.device.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

const OPTIONS = [
  ["nothing else", {}],
  ["globalClipnorm and a loss scale", { globalClipnorm: 0.5, lossScaleFactor: 8 }],
  ["clipnorm, decay and accumulation", { clipnorm: 0.5, weightDecay: 0.1, gradientAccumulationSteps: 2 }],
] as const;

const LENGTHS = [1, 2, 129, 5001];

describe.each(FORMATS)("%s", (format) => {
  test("each of the 65,536 values is its float32 number, subnormal numbers and NaN included", async () => {
    const v = new GpuVariable(gpu.device, new Float32Array(2 ** 16), { overwriteWithGradient: true });
    new RMSprop(gpu.device).apply([{ buffer: bufferOfBits(ALL_HALVES), format }], [v]);
    const words = wordsOf(await v.read());
    const wrong = ALL_HALVES.filter((half) => words[half] !== floatBitsOf(format, half));
    expect(Array.from(wrong, (half) => [half, words[half]?.toString(16)])).toEqual([]);
  });

  test.each(OPTIONS)("steps with %s have the bits of float32 gradients", async (_, options) => {
    const train = async (gradientOf: (bits: Uint16Array) => GpuGradient): Promise<Float32Array[]> => {
      const variables = LENGTHS.map((length, i) => new GpuVariable(gpu.device, numbersOf(i, length)));
      const optimizer = new RMSprop(gpu.device, { learningRate: 0.01, ...options });
      for (let step = 0; step < 4; step++) {
        const gradients = LENGTHS.map((length, i) => gradientOf(someHalves(format, 10 * step + i, length)));
        optimizer.apply(gradients, variables);
      }
      return Promise.all(variables.map((variable) => variable.read()));
    };
    const expected = await train((bits) => bufferOf(gpu.device, floatsOf(format, bits)));
    expect(await train((bits) => ({ buffer: bufferOfBits(bits), format }))).toEqual(expected);
    const ofPart = (bits: Uint16Array): GpuGradient => ({ buffer: bufferOfBits(bits, 512), byteOffset: 512, format });
    expect(await train(ofPart)).toEqual(expected);
  });

  test("one that is not finite leaves a step out", async () => {
    const v = new GpuVariable(gpu.device, [1, 2, 3]);
    const optimizer = new LossScaleOptimizer(new RMSprop(gpu.device), { initialScale: 64 });
    optimizer.apply([{ buffer: bufferOfBits(Uint16Array.of(0, 0, 0xffff)), format }], [v]);
    await optimizer.settle();
    expect([optimizer.iterations, optimizer.dynamicScale]).toEqual([0, 32]);
    // What lies beside an odd number of them is none of them.
    optimizer.apply([{ buffer: bufferOfBits(Uint16Array.of(0, 0, 1)), format }], [v]);
    await optimizer.settle();
    expect(optimizer.iterations).toBe(1);
  });

  test("one that lies in the memory of a variable is read as it was before the step", async () => {
    const train = async (gradientOf: (memory: GPUBuffer) => GpuGradient): Promise<Float32Array> => {
      const memory = bufferOfBits(someHalves(format, 5, 200));
      const v = new GpuVariable(gpu.device, memory, { shape: [100] });
      const optimizer = new RMSprop(gpu.device);
      optimizer.apply([gradientOf(memory)], [v]);
      return v.read();
    };
    const floats = bufferOf(gpu.device, floatsOf(format, someHalves(format, 5, 200).subarray(0, 100)));
    expect(await train((buffer) => ({ buffer, format }))).toEqual(await train(() => floats));
  });
});

test("float32 numbers may be a part of a buffer, too", async () => {
  const buffer = bufferOf(gpu.device, [...new Float32Array(64), 1, 2, 3]);
  const v = new GpuVariable(gpu.device, [0, 0, 0], { overwriteWithGradient: true });
  new RMSprop(gpu.device).apply([{ buffer, byteOffset: 256, format: "float32" }], [v]);
  expect(await v.read()).toEqual(Float32Array.of(1, 2, 3));
});

const anything = (value: unknown): never => value as never;

test.each([
  ["an unknown format", () => ({ buffer: bufferOfBits(ALL_HALVES), format: "float8" }), 'format must be "float16" or'],
  ["no buffer", () => ({ buffer: ALL_HALVES, format: "float16" }), "gradients[0].buffer must be a GPUBuffer"],
  [
    "too few",
    () => ({ buffer: bufferOfBits(new Uint16Array(2)), format: "float16" }),
    "gradients[0] must have 8 bytes",
  ],
  [
    "an offset that cannot be bound",
    () => ({ buffer: bufferOfBits(ALL_HALVES), byteOffset: 4, format: "float16" }),
    "byteOffset must be a multiple of 256",
  ],
  [
    "a wrong name",
    () => ({ buffer: bufferOfBits(ALL_HALVES), offset: 0, format: "float16" }),
    "offset must be a known",
  ],
])("%s is refused, and nothing has changed", async (_, gradient, message) => {
  const v = new GpuVariable(gpu.device, [1, 2, 3]);
  expect(() => new RMSprop(gpu.device).apply([anything(gradient())], [v])).toThrow(message);
  expect(await v.read()).toEqual(Float32Array.of(1, 2, 3));
});
