// The engine of examples/webgpu: its gradients are those of the loss, and it learns as well as `npm start`.

import * as tfjs from "rmsprop/tfjs";
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { beforeAll, describe, expect, test } from "vitest";
import { CLASSES, type Digits, PIXELS, splitDigits } from "../../examples/digits/data.js";
import { loadDigits } from "../../examples/digits/load.js";
import { createModel } from "../../examples/digits/model.js";
import { type Run, train as trainOnTfjs } from "../../examples/digits/train.js";
import { startWasmBackend } from "../../examples/shared/backend.js";
import { createRandom } from "../../examples/shared/random.js";
import { startDevice } from "../../examples/webgpu/device.js";
import { Engine } from "../../examples/webgpu/engine.js";
import { Network } from "../../examples/webgpu/network.js";
import { Rows } from "../../examples/webgpu/rows.js";
import { train } from "../../examples/webgpu/train.js";
import { WatchedDevice } from "../../examples/webgpu/watched-device.js";

const HIDDEN = 128;
const SIZES = [PIXELS * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES];
const digits = loadDigits();
const { device } = await startDevice();

beforeAll(async () => {
  await startWasmBackend();
});

/** Some weights, biases too, that are not zero. */
function someWeights(): number[][] {
  const random = createRandom(5);
  return SIZES.map((size) => Array.from({ length: size }, () => Math.fround((random() - 0.5) / 3)));
}

/** The mean cross-entropy of the network in float64. */
function lossOf(
  [hiddenKernel = [], hiddenBias = [], outputKernel = [], outputBias = []]: number[][],
  batch: Digits,
): number {
  const losses = Array.from(batch.labels, (label, row) => {
    const x = batch.pixels.subarray(row * PIXELS, (row + 1) * PIXELS);
    const hidden = dense([...x], hiddenKernel, hiddenBias).map((sum) => Math.max(0, sum));
    const logits = dense(hidden, outputKernel, outputBias);
    return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (logits[label] ?? Number.NaN);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function dense(x: readonly number[], kernel: readonly number[], bias: readonly number[]): number[] {
  return bias.map((start, output) =>
    x.reduce((sum, value, input) => sum + value * (kernel[input * bias.length + output] ?? Number.NaN), start),
  );
}

function firstDigits(count: number): Digits {
  return { pixels: digits.pixels.slice(0, count * PIXELS), labels: digits.labels.slice(0, count) };
}

describe("the gradients of a batch", () => {
  const STEP = 1e-5;
  /** Every so many weights of each variable: all of the biases. */
  const STRIDES = [61, 1, 13, 1];

  test.each([16, 13, 1])("of %i digits are those of the loss in float64, by finite differences", async (count) => {
    const [batch, weights] = [firstDigits(count), someWeights()];
    const gpu = new WatchedDevice(device);
    const network = await Network.create(gpu, weights, 16);
    const rows = await Rows.create(gpu, network.memory, batch, count);
    const encoder = device.createCommandEncoder();
    rows.encode(encoder, 0, (pass, size) => {
      network.forward(pass, size);
      network.backward(pass, size);
    });
    device.queue.submit([encoder.finish()]);
    await gpu.finish();
    expect((await rows.readScore()).loss).toBeCloseTo(lossOf(weights, batch), 5);
    for (const [i, values] of weights.entries()) {
      const buffer = network.gradients[i] as GPUBuffer; // one for each variable
      const received = await new GpuVariable(device, buffer, { shape: [values.length] }).read();
      const compared = [...values.keys()].filter((at) => at % (STRIDES[i] ?? 1) === 0);
      const expected = compared.map((at) => {
        const moved = (by: number): number[][] => weights.with(i, values.with(at, (values[at] ?? 0) + by));
        return (lossOf(moved(STEP), batch) - lossOf(moved(-STEP), batch)) / (2 * STEP);
      });
      const largest = Math.max(...expected.map(Math.abs));
      const differences = compared.map((at, n) => Math.abs((received[at] ?? Number.NaN) - (expected[n] ?? 0)));
      expect(largest).toBeGreaterThan(0.01);
      // Sums of at most 128 float32 products, over two layers.
      expect(Math.max(...differences) / largest).toBeLessThan(1e-5);
    }
    rows.dispose();
    network.dispose();
  });
});

describe("a run", () => {
  const COURSE = { epochs: 3, batchSize: 16, seed: 3 };
  const HYPER = { learningRate: 0.002 };
  const data = splitDigits(digits, COURSE.seed);
  const initialWeights = (): ArrayLike<number>[] => {
    const model = createModel(COURSE.seed, new tfjs.RMSprop(HYPER));
    const weights = model.getWeights().map((weight) => weight.dataSync().slice());
    model.dispose();
    return weights;
  };
  const onDevice = async (epochs: number): Promise<Run> => {
    const parts = {
      optimizer: new RMSprop(device, HYPER),
      weights: initialWeights(),
      data,
      batchSize: COURSE.batchSize,
    };
    const engine = await Engine.create(parts);
    const run = await train(engine, { ...COURSE, epochs }, { onEpoch: () => undefined });
    engine.dispose();
    return run;
  };

  test("is as good as the same run on TensorFlow.js, epoch by epoch", async () => {
    const optimizer = new tfjs.RMSprop(HYPER);
    const model = createModel(COURSE.seed, optimizer);
    const watcher = { onStep: () => undefined, onEpoch: () => undefined };
    const theirs = await trainOnTfjs(model, data, COURSE, watcher);
    const ours = await onDevice(COURSE.epochs);
    expect(ours.epochs).toHaveLength(COURSE.epochs);
    expect(ours.score.accuracy).toBeGreaterThan(0.92);
    ours.epochs.forEach(({ training, heldOut }, i) => {
      const other = theirs.epochs[i] ?? expect.unreachable();
      expect(training.loss / other.training.loss).toBeCloseTo(1, 2);
      expect(heldOut.loss / other.heldOut.loss).toBeCloseTo(1, 2);
      // Three of 360 digits.
      expect(Math.abs(heldOut.accuracy - other.heldOut.accuracy)).toBeLessThan(0.009);
    });
    for (const made of [model, optimizer]) made.dispose();
  });

  test("from the same seed comes to the same weights, in every bit", async () => {
    const [one, two] = [await onDevice(1), await onDevice(1)];
    expect(two.weights).toEqual(one.weights);
    expect(two.epochs.map(({ training }) => training)).toEqual(one.epochs.map(({ training }) => training));
  });
});

describe("what goes wrong", () => {
  const weights = someWeights();

  test("memory that the device does not have is said in words", async () => {
    const gpu = new WatchedDevice(device);
    const network = await Network.create(gpu, weights, 2 ** 24);
    await expect(gpu.check()).rejects.toThrow("memory for a batch was refused by the device");
    network.dispose();
  });

  test("a device that is lost ends the run, with the reason", async () => {
    const lost = (await startDevice()).device;
    const data = { training: firstDigits(16), heldOut: firstDigits(4) };
    const engine = await Engine.create({ optimizer: new RMSprop(lost), weights, data, batchSize: 16 });
    lost.destroy();
    await expect(train(engine, { epochs: 1, seed: 0 }, { onEpoch: () => undefined })).rejects.toThrow(/lost/);
  });
});
