// The effective rates are what the gradients were multiplied by.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { contestantOf, type RunSettings } from "../../settings.js";
import { createTfOptimizer } from "./optimizers.js";
import { missingReason, type Rates, ratesOf } from "./rates.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Kernel and bias of a layer of 64 pixels, and of one more. */
const SHAPES = [[64, 2], [2], [2, 3], [3]] as const;
const PER_STEP = 1e-4;

interface Trained {
  readonly rates: Rates | null;
  /** What each weight went down by in the last step, in units of its gradient. */
  readonly factors: readonly (readonly number[])[];
}

/** Takes steps with gradients that differ by weight: the first is 1e-4, the second twice as much, and so on. */
function trained(settings: RunSettings, steps: number): Trained {
  const weights = SHAPES.map((shape) => tf.variable(tf.zeros([...shape])));
  const optimizer = createTfOptimizer(settings);
  const gradients = weights.map((weight) => tf.tidy(() => tf.mul(tf.add(tf.range(0, weight.size), 1), PER_STEP)));
  const apply = (): void =>
    optimizer.applyGradients(
      Object.fromEntries(
        weights.map((weight, i) => [weight.name, tf.reshape(gradients[i] as tf.Tensor, weight.shape)]),
      ),
    );
  for (let step = 1; step < steps; step++) apply();
  const before = weights.map((weight) => weight.dataSync().slice());
  if (steps > 0) apply();
  const factors = weights.map((weight, i) =>
    [...weight.dataSync()].map((value, at) => ((before[i]?.[at] ?? 0) - value) / ((at + 1) * PER_STEP)),
  );
  return { rates: ratesOf(optimizer, settings, weights), factors };
}

const CASES: readonly (readonly [name: string, settings: RunSettings, steps: number])[] = [
  ["RMSprop", contestantOf("rmsprop"), 3],
  ["RMSprop, centered", contestantOf("rmsprop", { centered: true }), 4],
  ["RMSprop on a schedule", { ...contestantOf("rmsprop"), schedule: "CosineDecay", decaySteps: 1e9 }, 2],
  ["SGD", contestantOf("sgd"), 2],
  ["Adam, whose average is the gradient where that never changes", contestantOf("adam"), 3],
  ["Adam with amsgrad", contestantOf("adam", { amsgrad: true }), 2],
  ["AdamW without decay", contestantOf("adamw", { weightDecay: 0 }), 2],
  ["tf.train.sgd", contestantOf("tfsgd"), 2],
];

describe("the rates of", () => {
  test.each(CASES)("%s are what the last gradients were multiplied by", (_, settings, steps) => {
    const { rates, factors } = trained(settings, steps);
    const all = factors.flat().sort((a, b) => a - b);
    expect((rates?.least ?? 0) / (all[0] ?? 0)).toBeCloseTo(1, 4);
    expect((rates?.greatest ?? 0) / (all.at(-1) ?? 0)).toBeCloseTo(1, 4);
    rates?.pixels.forEach((rate, pixel) => {
      const [one = 0, two = 0] = factors[0]?.slice(2 * pixel, 2 * pixel + 2) ?? [];
      expect(rate / ((one + two) / 2)).toBeCloseTo(1, 4);
    });
    expect(
      rates?.layers.map(({ weights, counts }) => [weights, counts.reduce((sum, count) => sum + count, 0)]),
    ).toEqual([
      [130, 130],
      [9, 9],
    ]);
  });
});

test("a rate of 0.01 is in the bin that begins at 0.01", () => {
  const { rates } = trained(contestantOf("sgd", { learningRate: 0.01 }), 1);
  // Four bins to a decade, from 1e-8 on.
  expect(rates?.layers[0]?.counts.findIndex((count) => count > 0)).toBe(24);
});

test("before the first step there are none, and none where they cannot be read, which is said", () => {
  expect(trained(contestantOf("rmsprop"), 0).rates).toBeNull();
  for (const kind of ["lion", "tfjs", "tfadam"] as const) {
    expect(trained(contestantOf(kind), 1).rates).toBeNull();
    expect(missingReason({ kind })).toMatch(/\.$/);
  }
  expect(missingReason({ kind: "rmsprop" })).toBeNull();
});
