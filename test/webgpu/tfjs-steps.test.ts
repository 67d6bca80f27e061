// Steps in the buffers of TensorFlow.js' webgpu backend: in the order of the backend's own commands, seen by every later read,
// and by nothing else that shares a buffer. Reads are awaited.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { describe, expect, test, vi } from "vitest";
import fc from "../property.js";
import { bits, variable } from "../tfjs/backends.js";
import { PROGRAMS, seen } from "../tfjs/programs.js";
import { ALL_USAGES, bufferOf, startDevice, USAGE } from "./device.js";
import { spiedDevice } from "./spied.js";
import { bitsOf, computed, currentBackend, numbersOf, onDevice, standingIn, useTensors } from "./tensors.js";

useTensors();

/** A step takes half the sign of its gradient away. */
const HALF: RMSpropOptions = { learningRate: 0.5, rho: 0, epsilon: 0 };

test("the engine says so, steps count, and RMSPROP_FUSED leaves them to the backend's operations", async () => {
  const optimizer = new RMSprop(HALF);
  const v = variable([1, -2]);
  const step = () => tf.tidy(() => optimizer.apply([tf.tensor1d([3, -4])], [v]));
  step();
  expect(optimizer.engine).toBe("tfjs-webgpu-fused");
  expect(optimizer.stepCounts).toEqual({ fused: 1, composed: 0, copied: 0 });
  expect(await numbersOf(v)).toEqual([0.5, -1.5]);
  tf.env().set("RMSPROP_FUSED", false);
  step();
  expect(optimizer.engine).toBe("tfjs-webgpu");
  expect(optimizer.stepCounts).toEqual({ fused: 1, composed: 1, copied: 0 });
  expect(await numbersOf(v)).toEqual([0, -1]);
  tf.dispose([v]);
  optimizer.dispose();
});

test("random programs of clones, snapshots, assignments and steps see what they see with the unfused steps", async () => {
  await fc.assert(
    fc.asyncProperty(PROGRAMS, async ([options, actions]) => {
      expect(await seen(options, actions, true)).toEqual(await seen(options, actions, false));
    }),
    { numRuns: 60, seed: 11 },
  );
});

describe("order", () => {
  test.each([0, 1, 7, 14, 15, 40])("a gradient is complete though %i operations wait behind it", async (waiting) => {
    const optimizer = new RMSprop(HALF);
    const v = variable([1, 1]);
    tf.tidy(() => {
      let gradient = computed([0.5, -0.25]);
      for (let i = 0; i < waiting; i++) gradient = tf.mul(gradient, -1);
      optimizer.apply([gradient], [v]);
    });
    expect(await numbersOf(v)).toEqual(waiting % 2 === 0 ? [0.5, 1.5] : [1.5, 0.5]);
    optimizer.dispose();
    v.dispose();
  });

  test("operations before a step see the old values, those after it the new ones, with no read between", async () => {
    const optimizer = new RMSprop(HALF);
    const v = variable([1, 2]);
    const outputs = tf.tidy(() => {
      const gradient = computed([1, 1]);
      const ten = onDevice([10, 10]);
      return Array.from({ length: 5 }, () => {
        const output = tf.mul(v, ten);
        optimizer.apply([gradient], [v]);
        return output;
      });
    });
    const expected = [0, 1, 2, 3, 4].map((step) => [10 - 5 * step, 20 - 5 * step]);
    expect(await Promise.all(outputs.map(numbersOf))).toEqual(expected);
    tf.dispose([...outputs, v]);
    optimizer.dispose();
  });

  test("a gradient that is disposed of right after the step, and its buffer taken by others, was read before", async () => {
    const optimizer = new RMSprop(HALF);
    const v = variable([1, 2, 3]);
    for (let step = 0; step < 20; step++) {
      const gradient = computed([1, 1, 1]);
      optimizer.apply([gradient], [v]);
      gradient.dispose();
      // Of the same size, by an upload and by operations.
      tf.tidy(() => void tf.mul(onDevice([-1, -1, -1]), computed([5, 5, 5])));
    }
    expect(await numbersOf(v)).toEqual([-9, -8, -7]);
    optimizer.dispose();
    v.dispose();
  });

  test("tf.time around a step changes nothing", async () => {
    const optimizer = new RMSprop(HALF);
    const v = variable([1, 2]);
    const step = () => void tf.tidy(() => void optimizer.apply([tf.mul(computed([1, 1]), onDevice([2, 2]))], [v]));
    await tf.time(step);
    step();
    expect(await numbersOf(v)).toEqual([0, 1]);
    optimizer.dispose();
    v.dispose();
  });
});

describe("copies in the processor's memory", () => {
  test("what was read before a step is not what is read after it, of variables and slots", async () => {
    const optimizer = new RMSprop({ ...HALF, momentum: 0.5 });
    const v = variable([1, 2]);
    const values: number[][] = [];
    const momenta: number[][] = [];
    for (let step = 0; step < 3; step++) {
      tf.tidy(() => optimizer.apply([tf.ones([2])], [v]));
      values.push(await numbersOf(v), await numbersOf(v));
      const momentum = (await optimizer.getWeights()).filter(({ name }) => name.endsWith("momentum"));
      for (const { tensor } of momentum) momenta.push(await numbersOf(tensor));
    }
    const expected = [0.5, -0.25, -1.125].map((value) => [value, value + 1]);
    expect(values).toEqual(expected.flatMap((each) => [each, each]));
    expect(momenta).toEqual([0.5, 0.75, 0.875].map((value) => [value, value]));
    expect(optimizer.stepCounts).toEqual({ fused: 3, composed: 0, copied: 0 });
    optimizer.dispose();
    v.dispose();
  });

  test("a read that began before a step gives the values of then, and later reads those of now", async () => {
    const optimizer = new RMSprop(HALF);
    const v = variable([1, 2]);
    const step = () => tf.tidy(() => optimizer.apply([tf.ones([2])], [v]));
    step();
    const pending = numbersOf(v);
    step();
    expect(await pending).toEqual([0.5, 1.5]);
    expect(await numbersOf(v)).toEqual([0, 1]);
    optimizer.dispose();
    v.dispose();
  });
});

describe("where the numbers of a tensor lie", () => {
  test("clones, reshaped tensors and initial values keep what they had, and only those cost a copy", async () => {
    const optimizer = new RMSprop(HALF);
    const init = tf.tensor1d([1, 2]);
    const [alone, shared] = [variable([3, 4]), tf.variable(init)];
    const step = () => tf.tidy(() => optimizer.apply([tf.ones([2]), tf.ones([2])], [alone, shared]));
    step();
    expect(optimizer.stepCounts).toEqual({ fused: 1, composed: 0, copied: 1 });
    step();
    expect(optimizer.stepCounts.copied).toBe(1);
    const views = [alone.clone(), tf.reshape(shared, [2, 1])];
    step();
    expect(optimizer.stepCounts.copied).toBe(3);
    const numbers = await Promise.all([init, ...views, alone, shared].map(numbersOf));
    expect(numbers.map(String)).toEqual(["1,2", "2,3", "0,1", "1.5,2.5", "-0.5,0.5"]);
    tf.dispose([init, ...views, alone, shared]);
    optimizer.dispose();
  });

  test("a copy has the bits of the original: subnormal numbers, infinities, NaN, -0", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined); // of the missing gradient
    const values = [2 ** -149, -(2 ** -130), Number.POSITIVE_INFINITY, Number.NaN, -0, 1 + 2 ** -23];
    const optimizer = new RMSprop({ useEma: true });
    const [resting, moving] = [variable(values.map(() => 1)), variable([1])];
    tf.tidy(() => optimizer.apply([tf.ones([6]), tf.ones([1])], [resting, moving]));
    tf.tidy(() => resting.assign(tf.tensor1d(values)));
    const clone = resting.clone();
    tf.tidy(() => optimizer.apply([null, tf.ones([1])], [resting, moving]));
    expect(optimizer.stepCounts).toEqual({ fused: 2, composed: 0, copied: 1 });
    clone.dispose();
    expect(await bitsOf(resting)).toBe(bits(values));
    tf.dispose([resting, moving]);
    optimizer.dispose();
    vi.restoreAllMocks();
  });

  test("a buffer of the user's is never written, though a variable was made of it", async () => {
    const optimizer = new RMSprop(HALF);
    // Larger than the tensor, and without the right to copy into it.
    const buffer = bufferOf(currentBackend().device, [1, 2, 7, 8], USAGE.STORAGE | USAGE.COPY_SRC);
    const imported = () => tf.tensor({ buffer, zeroCopy: true }, [2], "float32");
    const v = tf.tidy(() => tf.variable(imported()));
    tf.tidy(() => optimizer.apply([imported()], [v]));
    tf.tidy(() => optimizer.apply([imported()], [v]));
    expect(optimizer.stepCounts).toEqual({ fused: 2, composed: 0, copied: 1 });
    expect(await numbersOf(v)).toEqual([0, 1]);
    const whole = tf.tensor({ buffer, zeroCopy: true }, [4], "float32");
    expect(await numbersOf(whole)).toEqual([1, 2, 7, 8]);
    tf.dispose([v, whole]);
    optimizer.dispose();
    buffer.destroy();
  });

  test("a tensor may have a buffer larger than itself, of which norms take no notice", async () => {
    const optimizer = new RMSprop({ ...HALF, globalClipnorm: 1 });
    const buffer = bufferOf(currentBackend().device, [3, 4, 1000, 1000], ALL_USAGES);
    const gradient = tf.tensor({ buffer }, [2], "float32");
    const v = variable([1, 1]);
    optimizer.apply([gradient], [v]);
    const weights = await optimizer.getWeights();
    const velocity = await Promise.all(weights.slice(2).map(({ tensor }) => numbersOf(tensor)));
    expect(velocity.flat().map((value) => Math.sqrt(value).toFixed(6))).toEqual(["0.600000", "0.800000"]);
    tf.dispose([v, gradient]);
    optimizer.dispose();
    buffer.destroy();
  });

  test("float32 that is stored as int32 or bool, as tf.cast leaves it, is converted", async () => {
    const optimizer = new RMSprop(HALF);
    const v = tf.tidy(() => tf.variable(tf.cast(tf.tensor1d([3, -4], "int32"), "float32")));
    const gradients = tf.tidy(() => [
      tf.cast(tf.tensor1d([2, -1], "int32"), "float32"),
      tf.cast(tf.greater(onDevice([1, -1]), 0), "float32"),
    ]);
    optimizer.apply([gradients[0] as tf.Tensor], [v]);
    expect(await numbersOf(v)).toEqual([2.5, -3.5]);
    const sum = new RMSprop({ learningRate: 1, rho: 0, epsilon: 1 });
    sum.apply([gradients[1] as tf.Tensor], [v]);
    expect(await numbersOf(v)).toEqual([Math.fround(2.5 - Math.fround(1 / Math.fround(Math.SQRT2))), -3.5]);
    tf.dispose([v, ...gradients]);
    for (const made of [optimizer, sum]) made.dispose();
  });

  test("scalars and tensors without elements take part", async () => {
    const optimizer = new RMSprop({ ...HALF, globalClipnorm: 100, momentum: 0.5, useEma: true });
    const v = variable(1);
    const empty = tf.tidy(() => tf.variable(tf.zeros([0, 3])));
    for (let step = 0; step < 2; step++) tf.tidy(() => optimizer.apply([tf.zeros([0, 3]), tf.scalar(2)], [empty, v]));
    expect([await numbersOf(v), await numbersOf(empty)]).toEqual([[-0.25], []]);
    expect(optimizer.stepCounts).toMatchObject({ fused: 2, composed: 0 });
    tf.dispose([v, empty]);
    optimizer.dispose();
  });

  test("arrays above what the device can bind at once are split, and norms have the same bits", async () => {
    const { adapter, device } = await startDevice();
    const small = spiedDevice(device, { maxStorageBufferBindingSize: 4096 }).device;
    const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
    const options = { momentum: 0.9, globalClipnorm: 0.5 };
    const [numbers, gradient] = [0, 1].map((of) => {
      return Float32Array.from({ length: 5001 }, (_, i) => (((i + of) * 7919) % 1013) / 1013 - 0.5);
    }) as [Float32Array, Float32Array];
    const expected = numbers.slice();
    const reference = new core.RMSprop(options);
    const received = await standingIn(new WebGPUBackend(small, adapter.info), async () => {
      const optimizer = new RMSprop(options);
      const v = tf.tidy(() => tf.variable(tf.tensor1d(numbers)));
      for (let step = 0; step < 3; step++) {
        tf.tidy(() => optimizer.apply([tf.tensor1d(gradient)], [v]));
        reference.apply([gradient], [expected]);
      }
      expect(optimizer.stepCounts).toMatchObject({ fused: 3, composed: 0 });
      const values = await v.data();
      optimizer.dispose();
      v.dispose();
      return values;
    });
    expect(bits(received)).toBe(bits(expected));
  });

  test("variables, slots and gradients of another backend are moved to this one", async () => {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    const [v, gradient] = [variable([1, 2]), tf.tensor1d([1, -1])];
    const optimizer = new RMSprop({ ...HALF, momentum: 0.5 });
    optimizer.apply([gradient], [v]);
    expect(optimizer.engine).toBe("tfjs-cpu-staged");
    await tf.setBackend("webgpu");
    optimizer.apply([gradient], [v]);
    expect(optimizer.engine).toBe("tfjs-webgpu-fused");
    expect(await numbersOf(v)).toEqual([-0.25, 3.25]);
    tf.dispose([v, gradient]);
    optimizer.dispose();
  });
});
