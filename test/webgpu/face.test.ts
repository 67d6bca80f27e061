// What the class shares with that of core, method by method: both are called alike, and end in the same bits.
import { inspect } from "node:util";
import * as core from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bufferOf, type Gpu, startDevice } from "./device.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

const SIZE = 1003;
const values = (of: number): Float32Array =>
  Float32Array.from({ length: SIZE }, (_, i) => (((i + 31 * of) * 7919) % 1013) / 1013 - 0.5);

/** The same two variables, `kernel` and `bias`, in core and on the device. */
function pairs(): { ours: [core.Variable, core.Variable]; theirs: [GpuVariable, GpuVariable] } {
  const names = ["kernel", "bias"] as const;
  const ours = names.map((name, i) => new core.Variable(values(i), { name }));
  const theirs = names.map((name, i) => new GpuVariable(gpu.device, values(i), { name }));
  return { ours: ours as [core.Variable, core.Variable], theirs: theirs as [GpuVariable, GpuVariable] };
}

/** What a run holds: its variables, then the optimizer's own. */
async function heldBy(
  variables: readonly GpuVariable[],
  optimizer: RMSprop | LossScaleOptimizer,
): Promise<readonly core.SavedArray["value"][]> {
  const read = await Promise.all(variables.map((variable) => variable.read()));
  return [...read, ...(await optimizer.getWeights()).map(({ value }) => value)];
}

const heldByCore = (
  variables: readonly core.Variable[],
  optimizer: core.RMSprop | core.LossScaleOptimizer,
): readonly core.SavedArray["value"][] => [...variables, ...optimizer.variables].map(({ value }) => value.slice());

test("a console shows what can be shown at once, and JSON says to read first", () => {
  const [weights] = pairs().theirs;
  expect(inspect(weights)).toBe(`GpuVariable kernel float32 [${SIZE}] (await read() for its numbers)`);
  expect(() => JSON.stringify(weights)).toThrow(
    "GpuVariable: the numbers of kernel are on the device. await variable.",
  );
  const optimizer = new RMSprop(gpu.device, { momentum: 0.9 });
  expect(inspect(optimizer)).toMatch(/^RMSprop \{[\s\S]*momentum: 0.9,[\s\S]*engine: 'webgpu'/);
  expect(() => void Reflect.set(optimizer, "momentum", 0.5)).toThrow("RMSprop: momentum must stay as it is");
});

describe("minimize", () => {
  const OPTIONS: readonly core.RMSpropOptions[] = [
    { momentum: 0.9 },
    { lossScaleFactor: 8, weightDecay: 0.1 },
    { gradientAccumulationSteps: 2, globalClipnorm: 1 },
  ];
  test.each(OPTIONS)("takes the gradients of the loss itself and hands the loss back: %o", async (options) => {
    const { ours, theirs } = pairs();
    const expected = new core.RMSprop(options);
    const optimizer = new RMSprop(gpu.device, options);
    for (let i = 1; i <= 4; i++) {
      const gradients = [values(i), values(-i)];
      expect(expected.minimize(() => ({ value: i, gradients }), ours)).toBe(i);
      const loss = optimizer.minimize(
        () => ({ value: i, gradients: gradients.map((each) => bufferOf(gpu.device, each)) }),
        theirs,
      );
      expect(loss).toBe(i);
    }
    expect(await heldBy(theirs, optimizer)).toEqual(heldByCore(ours, expected));
  });

  test("a loss in a buffer, or a promise of it, comes back as it was", async () => {
    const { theirs } = pairs();
    const optimizer = new RMSprop(gpu.device);
    const gradients = [bufferOf(gpu.device, values(1)), null];
    const loss = new GpuVariable(gpu.device, [0.25]);
    expect(optimizer.minimize(() => ({ value: loss, gradients }), theirs)).toBe(loss);
    const promised = optimizer.minimize(() => ({ value: loss.read(), gradients }));
    expect(await promised).toEqual(Float32Array.of(0.25));
    expect(optimizer.iterations).toBe(2);
  });

  test("under a loss scale the gradients are not divided, and a step that is not finite is left out", async () => {
    const { ours, theirs } = pairs();
    const scaling = { initialScale: 8, dynamicGrowthSteps: 2 };
    const expected = new core.LossScaleOptimizer(new core.RMSprop({ clipnorm: 1 }), scaling);
    const optimizer = new LossScaleOptimizer(new RMSprop(gpu.device, { clipnorm: 1 }), scaling);
    for (let i = 1; i <= 6; i++) {
      const gradients = [values(i), values(-i)];
      if (i === 2 || i === 6) gradients[0]?.fill(Number.POSITIVE_INFINITY, 7, 8);
      expected.minimize(() => ({ value: i, gradients }), ours);
      const loss = { value: i, gradients: gradients.map((each) => bufferOf(gpu.device, each)) };
      expect(optimizer.minimize(() => loss, theirs)).toBe(i);
    }
    await optimizer.settle();
    expect([optimizer.iterations, optimizer.dynamicScale]).toEqual([expected.iterations, expected.dynamicScale]);
    expect(await heldBy(theirs, optimizer)).toEqual(heldByCore(ours, expected));
  });

  test.each<[string, unknown, string]>([
    ["no function", 1, "RMSprop: loss must be a function; received loss=1. Pass () => ({ value, gradients })."],
    ["a promise", async () => ({ value: 1, gradients: [] }), "minimize takes no promise"],
    ["no value", () => ({ gradients: [] }), "loss must return { value: anything, gradients: array }"],
    [
      "no list of gradients",
      () => ({ value: 1, gradients: 1 }),
      "loss must return { value: anything, gradients: array }",
    ],
  ])("%s is refused, and nothing is counted", (_, loss, words) => {
    const { theirs } = pairs();
    const optimizer = new RMSprop(gpu.device);
    expect(() => optimizer.minimize(loss as () => { value: number; gradients: [] }, theirs)).toThrow(words);
    expect([optimizer.built, optimizer.iterations]).toEqual([false, 0]);
  });
});

test("scaleLoss multiplies a number as core does, and the gradients are divided again", async () => {
  const { ours, theirs } = pairs();
  const options = { lossScaleFactor: 4 };
  const expected = new core.RMSprop(options);
  const optimizer = new RMSprop(gpu.device, options);
  expect([optimizer.scaleLoss(0.5), new RMSprop(gpu.device).scaleLoss(0.5)]).toEqual([2, 0.5]);
  const scaled = [values(1), values(2)].map((gradient) => gradient.map((value) => optimizer.scaleLoss(value)));
  expected.apply(scaled, ours);
  optimizer.apply(
    scaled.map((gradient) => bufferOf(gpu.device, gradient)),
    theirs,
  );
  expect(await heldBy(theirs, optimizer)).toEqual(heldByCore(ours, expected));
  const wrong = bufferOf(gpu.device, [1]) as unknown as number;
  expect(() => optimizer.scaleLoss(wrong)).toThrow("RMSprop: loss must be a number");
});

test("scaleLoss of a loss scale waits until the scale is known", async () => {
  const { theirs } = pairs();
  const optimizer = new LossScaleOptimizer(new RMSprop(gpu.device), { initialScale: 8, dynamicGrowthSteps: 1 });
  expect(optimizer.scaleLoss(0.5)).toBe(4);
  const gradients = theirs.map(() => bufferOf(gpu.device, values(1)));
  expect(optimizer.applyGradients(theirs.map((variable, i) => [gradients[i] ?? null, variable]))).toBe(1);
  expect(() => optimizer.scaleLoss(0.5)).toThrow("Await settle() first, or multiply by what encodeScale() copies.");
  await optimizer.settle();
  expect(optimizer.scaleLoss(0.5)).toBe(8);
  expect([optimizer.initialScale, optimizer.dynamicGrowthSteps, optimizer.engine]).toEqual([8, 1, "webgpu"]);
});

test("what is excluded from weight decay does not decay, and the config and hyper-parameters are those of core", async () => {
  const { ours, theirs } = pairs();
  const options = { weightDecay: 0.1, rho: 0.8 };
  const expected = new core.RMSprop(options);
  const optimizer = new RMSprop(gpu.device, options);
  expected.excludeFromWeightDecay({ variables: [ours[0]], names: ["bi.s"] });
  optimizer.excludeFromWeightDecay({ variables: [theirs[0]], names: ["bi.s"] });
  for (const own of [expected, optimizer]) expect(own.trainedVariables).toEqual([]);
  expected.apply([values(3), values(4)], ours);
  optimizer.apply([bufferOf(gpu.device, values(3)), bufferOf(gpu.device, values(4))], theirs);
  expect(await heldBy(theirs, optimizer)).toEqual(heldByCore(ours, expected));
  expect(theirs.map((variable) => optimizer.decays(variable))).toEqual([false, false]);
  expect(optimizer.trainedVariables).toEqual(theirs);
  expect([optimizer.getConfig(), optimizer.hyper]).toEqual([expected.getConfig(), expected.hyper]);
  expect(() => optimizer.excludeFromWeightDecay({ names: ["kernel"] })).toThrow(
    "must come before the optimizer is built",
  );
});

test("the learning rate may be a schedule, and is told as one", () => {
  const schedule = new core.schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 });
  const optimizer = new RMSprop(gpu.device, { learningRate: schedule });
  expect([optimizer.learningRateSource, optimizer.learningRate]).toEqual([schedule, Math.fround(0.1)]);
});

test("a config of a loss scale may hold a class of the user's own", () => {
  class Slow extends RMSprop {
    override get className(): string {
      return "Slow";
    }
  }
  const config = new LossScaleOptimizer(new Slow(gpu.device, { rho: 0.5 })).getConfig();
  const again = LossScaleOptimizer.fromConfig(gpu.device, config, { Slow });
  expect(again.innerOptimizer).toBeInstanceOf(Slow);
  expect(again.getConfig()).toEqual(config);
  expect(() => LossScaleOptimizer.fromConfig(gpu.device, config)).toThrow("class_name must be a known class");
  const old = { ...config, dynamic: true, weight_decay: null, use_ema: false };
  expect(LossScaleOptimizer.fromConfig(gpu.device, old, { Slow }).getConfig()).toEqual(config);
  const ofCore = { ...config, inner_optimizer: { class_name: "RMSprop", config: {} } };
  expect(() => LossScaleOptimizer.fromConfig(gpu.device, ofCore, { RMSprop: core.RMSprop })).toThrow(TypeError);
});
