// Whatever a loss scale and its counters become, the device goes on from it as core does: halved, doubled, counted, used.
import * as core from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import { drawKind, drawValues, sizeOf } from "../contract/any-state.js";
import { SEED } from "../seed.js";
import { bufferOf, type Gpu, startDevice } from "./device.js";

/** States of a run of the suite; a campaign takes more. */
const STATES = Number(process.env.RMSPROP_STATES ?? 60);

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

/** The weights of an optimizer over one variable "v" of two elements. */
function weightsOf(scale: number, steps: number, calls: number): core.Weight[] {
  return [0, 0, steps, { shape: [], value: Float32Array.of(scale) }, calls, 0.5, [0.25, 1]];
}

/** Two optimizers in the same state, on the device and in core. */
function pair(weights: core.Weight[], dynamicGrowthSteps: number) {
  const [variable, reference] = [new GpuVariable(gpu.device, [1, -2]), new core.Variable([1, -2])];
  const optimizer = new LossScaleOptimizer(new RMSprop(gpu.device), { dynamicGrowthSteps });
  const expected = new core.LossScaleOptimizer(new core.RMSprop(), { dynamicGrowthSteps });
  optimizer.build([variable]);
  expected.build([reference]);
  for (const each of [optimizer, expected]) each.setWeights(weights);
  return { optimizer, variable, expected, reference };
}

const countersOf = ({ dynamicScale, stepCounter, iterations }: LossScaleOptimizer | core.LossScaleOptimizer) => [
  ...[dynamicScale, stepCounter, iterations],
];

const GREATEST = (2 - 2 ** -23) * 2 ** 127;
const SCALES = [
  ...[0, 2 ** -149, 3 * 2 ** -149, 5 * 2 ** -149, 2 ** -127, 2 ** -126, (2 - 2 ** -23) * 2 ** -126, 2 ** -125, 3],
  ...[2 ** 126, 1.5 * 2 ** 126, 2 ** 127, GREATEST, Infinity, NaN],
];

describe.each(SCALES)("a scale of %d", (scale) => {
  test.each([
    ["that doubles, and again", [1, 1], 1],
    ["that halves, and again", [Infinity, NaN], 2],
    ["that stays", [1, 1], 5],
  ])("%s", async (_, factors, growthSteps) => {
    const { optimizer, variable, expected, reference } = pair(weightsOf(scale, 0, 3), growthSteps);
    for (const factor of factors) {
      const gradient = Float32Array.of(0.5 * factor, 3e38);
      optimizer.apply([bufferOf(gpu.device, gradient)]);
      expected.apply([gradient]);
    }
    await optimizer.settle();
    expect(countersOf(optimizer)).toEqual(countersOf(expected));
    expect(await variable.read()).toEqual(reference.value.slice());
  });
});

test.each([
  [2 ** 32 - 2, 2 ** 32 - 1, 1],
  [2 ** 32 - 2, 2 ** 32, 2 ** 32],
  [2 ** 40, 2 ** 40 + 2, 2 ** 31 - 1],
  [2 ** 32 + 1, 2, 2 ** 53 - 4],
])(
  "steps from %d on, a scale that doubles at %d, and calls from %d on are counted as in core",
  async (steps, growthSteps, calls) => {
    const { optimizer, expected } = pair(weightsOf(8, steps, calls), growthSteps);
    for (let step = 0; step < 4; step++) {
      optimizer.apply([bufferOf(gpu.device, [1, 1])]);
      expected.apply([[1, 1]]);
    }
    await optimizer.settle();
    expect(countersOf(optimizer)).toEqual(countersOf(expected));
  },
);

test(`${STATES} random states go on from weights as in core`, async () => {
  const random = createRandom(19 + SEED);
  for (let i = 0; i < STATES; i++) {
    const { options, scaling, specs } = drawKind(random, { float64: false });
    const inner = [new RMSprop(gpu.device, options), new RMSprop(gpu.device, options)] as const;
    const [first, second] =
      scaling === null ? inner : [new LossScaleOptimizer(inner[0], scaling), new LossScaleOptimizer(inner[1], scaling)];
    const values = specs.map(({ shape }) => Float32Array.from(drawValues(random, sizeOf(shape))));
    const variables = [first, second].map((optimizer) => {
      const own = specs.map(({ name, shape }, at) => new GpuVariable(gpu.device, values[at] ?? [], { name, shape }));
      optimizer.build(own);
      return own;
    });
    first.setWeights(
      first.variables.map(({ name, shape }) => {
        return { shape, value: Float64Array.from(drawValues(random, sizeOf(shape), name)) };
      }),
    );
    second.setWeights(await first.getWeights());
    for (let step = 0; step < 2; step++) {
      const gradients = specs.map(({ shape }) => bufferOf(gpu.device, drawValues(random, sizeOf(shape))));
      for (const optimizer of [first, second]) optimizer.apply(gradients);
      for (const each of inner) await each.ready();
    }
    expect(await second.getWeights()).toEqual(await first.getWeights());
    const [ours, theirs] = await Promise.all(variables.map((own) => Promise.all(own.map((each) => each.read()))));
    expect(theirs).toEqual(ours);
    for (const each of [first, second, ...variables.flat()]) each.dispose();
  }
});
