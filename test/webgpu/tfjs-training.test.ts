// Runs on TensorFlow.js' webgpu backend: the same with fused steps as with composed ones, and nothing stays behind; what steps
// fall back to, and what happens when the device is lost.
import * as tf from "@tensorflow/tfjs-core";
import { defineRule, type OptimizerDefinition } from "rmsprop";
import { fit as fitModel, Optimizer, RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { memory, variable } from "../tfjs/backends.js";
import { compiled, createData, trainOnBatch, variablesOf } from "../tfjs/models.js";
import { thrownBy } from "../tfjs/support.js";
import { bitsOf, currentBackend, numbersOf, standingIn, useTensors, watchOwnBuffers } from "./tensors.js";

useTensors();

const bitsOfAll = (tensors: readonly tf.Tensor[]): Promise<string[]> => Promise.all(tensors.map(bitsOf));
const squares = (variables: readonly tf.Variable[]): tf.Scalar =>
  variables.map((each) => tf.sum(tf.square(each))).reduce((a, b) => tf.add(a, b)) as tf.Scalar;

describe("a model", () => {
  const STEPS = 4;
  const OPTIONS: readonly (readonly [string, RMSpropOptions])[] = [
    ["plain", {}],
    ["momentum, centered, decay", { momentum: 0.9, centered: true, weightDecay: 0.01 }],
    ["clipvalue, averages that overwrite", { clipvalue: 0.01, useEma: true, emaOverwriteFrequency: 2 }],
    ["accumulation", { gradientAccumulationSteps: 2 }],
  ];

  /** The weights after some steps, of which some are fused. */
  async function trained(options: RMSpropOptions, isFused: (step: number) => boolean): Promise<string[]> {
    const data = createData();
    const optimizer = new RMSprop({ learningRate: 0.05, ...options });
    const model = compiled(optimizer, 1);
    for (let step = 0; step < STEPS; step++) {
      tf.env().set("RMSPROP_FUSED", isFused(step));
      await trainOnBatch(model, data, 1);
    }
    const fused = Array.from({ length: STEPS }, (_, step) => isFused(step)).filter(Boolean).length;
    expect(optimizer.stepCounts).toMatchObject({ fused, composed: STEPS - fused });
    const weights = await bitsOfAll(variablesOf(model));
    for (const made of [optimizer, model, data.x, data.y]) made.dispose();
    return weights;
  }

  test.each(OPTIONS)("has the same bits when fused and composed steps take turns: %s", async (_, options) => {
    const composed = await trained(options, () => false);
    expect(await trained(options, () => true)).toEqual(composed);
    expect(await trained(options, (step) => step % 2 === 0)).toEqual(composed);
  });

  test("learns with fit, and ends with its averages", async () => {
    const data = createData(24);
    const optimizer = new RMSprop({ learningRate: 0.05, useEma: true, emaMomentum: 0.5, globalClipnorm: 1 });
    const model = compiled(optimizer, 2);
    const plan = { epochs: 6, batchSize: 12, shuffle: false, verbose: 0 } as const;
    const { history } = await fitModel(model, data.x, data.y, plan);
    const [first, last] = [history.loss?.[0], history.loss?.at(-1)].map(Number);
    expect(last).toBeLessThan(0.97 * (first ?? 0));
    expect(optimizer.stepCounts).toMatchObject({ fused: 12, composed: 0 });
    const averages = (await optimizer.getWeights()).filter(({ name }) => name.endsWith("average"));
    expect(averages.length).toBe(4);
    expect(await bitsOfAll(variablesOf(model))).toEqual(await bitsOfAll(averages.map(({ tensor }) => tensor)));
    for (const made of [optimizer, model, data.x, data.y]) made.dispose();
  });

  test("goes on from saved weights with the same bits", async () => {
    const options = { learningRate: 0.05, momentum: 0.9, useEma: true, clipnorm: 0.1 };
    const data = createData();
    const run = async (reloads: boolean): Promise<string[]> => {
      const optimizers = [new RMSprop(options)];
      const model = compiled(optimizers[0] as RMSprop, 3);
      await trainOnBatch(model, data, 3);
      if (reloads) {
        const next = new RMSprop(options);
        await next.setWeights((await optimizers[0]?.getWeights()) ?? []);
        model.compile({ optimizer: next, loss: "categoricalCrossentropy" });
        optimizers.push(next);
      }
      await trainOnBatch(model, data, 3);
      expect(optimizers.map(({ stepCounts }) => stepCounts.fused)).toEqual(reloads ? [3, 3] : [6]);
      const weights = await bitsOfAll(variablesOf(model));
      for (const made of [...optimizers, model]) made.dispose();
      return weights;
    };
    expect(await run(true)).toEqual(await run(false));
    tf.dispose([data.x, data.y]);
  });
});

describe("memory", () => {
  const ALL: RMSpropOptions = {
    ...{ momentum: 0.9, centered: true, useEma: true, globalClipnorm: 1, gradientAccumulationSteps: 2 },
  };

  test("200 steps keep no tensor, no buffer of the backend and none of ours; dispose gives back all", async () => {
    const owned = watchOwnBuffers();
    const used = () => currentBackend().bufferManager.getNumUsedBuffers();
    const atFirst = { owned: owned(), used: used() };
    const optimizer = new RMSprop(ALL);
    const variables = [variable([1, 2]), variable([[3]]), variable([4, 5, 6])];
    const train = async (steps: number) => {
      for (let i = 0; i < steps; i++) optimizer.minimize(() => squares(variables), variables);
      await Promise.all(variables.map(numbersOf));
      return { ...memory(), owned: owned(), used: used() };
    };
    const after = await train(4);
    expect(await train(200)).toEqual(after);
    expect(optimizer.stepCounts).toEqual({ fused: 204, composed: 0, copied: 0 });
    expect(after.owned).toBeGreaterThan(atFirst.owned);
    for (const made of [optimizer, ...variables]) made.dispose();
    expect({ owned: owned(), used: used() }).toEqual(atFirst);
  });

  test("an optimizer that outlives its models keeps nothing of them", async () => {
    const owned = watchOwnBuffers();
    const optimizer = new RMSprop(ALL);
    const round = async () => {
      const v = variable([1, 2]);
      for (let i = 0; i < 2; i++) optimizer.minimize(() => squares([v]), [v]);
      await numbersOf(v);
      v.dispose();
      expect(optimizer.trainedVariables).toEqual([]);
      return { ...memory(), owned: owned() };
    };
    const after = await round();
    for (let i = 0; i < 10; i++) expect(await round()).toEqual(after);
    expect(after.owned).toBe(0);
    optimizer.dispose();
  });

  test("a step is one command buffer, and makes no bind group over buffers that it has seen", async () => {
    const { device } = currentBackend();
    const optimizer = new RMSprop({ clipnorm: 1 });
    const variables = [variable([1, 2]), variable([3])];
    const gradients = Array.from({ length: 12 }, (_, i) => [tf.tensor1d([i, 1]), tf.tensor1d([i])]);
    const made = { encoders: 0, groups: 0 };
    const { createBindGroup, createCommandEncoder } = device;
    device.createBindGroup = (descriptor) => {
      made.groups++;
      return createBindGroup.call(device, descriptor);
    };
    device.createCommandEncoder = (descriptor) => {
      made.encoders++;
      return createCommandEncoder.call(device, descriptor);
    };
    const rounds = Array.from({ length: 3 }, () => {
      Object.assign(made, { encoders: 0, groups: 0 });
      for (const pair of gradients) optimizer.apply(pair, variables);
      return { ...made };
    });
    Object.assign(device, { createBindGroup, createCommandEncoder });
    expect(rounds[0]?.groups).toBeGreaterThan(0);
    // In the first round the backend uploads the gradients, by commands of its own.
    expect(rounds.slice(1)).toEqual(Array(2).fill({ encoders: 12, groups: 0 }));
    await numbersOf(variables[0] as tf.Variable);
    for (const each of [optimizer, ...variables, ...gradients.flat()]) each.dispose();
  });
});

describe("where steps cannot be fused", () => {
  const SLOTS = ["a", "b", "c", "d", "e", "f", "g"] as const;
  const WIDE: OptimizerDefinition = {
    className: "Wide",
    options: {},
    rule: defineRule({
      slots: SLOTS,
      scalars: [],
      update: (op, x, k) => ({
        variable: op.sub(x.variable, op.mul(x.gradient, k.learningRate)),
        ...Object.fromEntries(SLOTS.map((slot) => [slot, op.add(x[slot], x.gradient)])),
      }),
    }),
  };

  test("a rule with more slots than a kernel of the device may touch is composed", async () => {
    const optimizer = new Optimizer(WIDE, { learningRate: 0.5 });
    const v = variable([1, 2]);
    for (let i = 0; i < 2; i++) tf.tidy(() => optimizer.apply([tf.ones([2])], [v]));
    expect(optimizer.stepCounts).toEqual({ fused: 0, composed: 2, copied: 0 });
    expect(await numbersOf(v)).toEqual([0, 1]);
    optimizer.dispose();
    v.dispose();
  });

  const HIDDEN = ["submitQueue", "endComputePassEncoder", "commandEncoder", "device", "tensorMap", "refCount"];

  test.each(HIDDEN)("a backend whose %s is not as expected takes composed steps", async (hidden) => {
    const real = currentBackend();
    const imitation = new Proxy(real, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (key === hidden && isAsked) return key === "refCount" ? () => 1 : undefined;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    let isAsked = true;
    const optimizer = new RMSprop();
    await standingIn(imitation, async () => {
      expect(optimizer.engine).toBe("tfjs-webgpu");
      isAsked = false; // TensorFlow.js itself needs it
      const v = variable([1, 2]);
      tf.tidy(() => optimizer.apply([tf.ones([2])], [v]));
      expect(optimizer.stepCounts).toEqual({ fused: 0, composed: 1, copied: 0 });
      optimizer.dispose();
      v.dispose();
    });
    expect(optimizer.engine).toBe("tfjs-webgpu-fused");
  });
});

// The last test: there is one backend for all.
test("a device that is lost is told by the next step", async () => {
  const optimizer = new RMSprop();
  const v = variable([1, 2]);
  const gradient = tf.ones([2]);
  optimizer.apply([gradient], [v]);
  currentBackend().device.destroy();
  await currentBackend().device.lost;
  const error = thrownBy(() => optimizer.apply([gradient], [v]));
  expect(error).toMatchObject({ name: "GpuError", reason: "lost" });
  expect(optimizer.iterations).toBe(1);
  tf.dispose([v, gradient]);
  optimizer.dispose();
});
