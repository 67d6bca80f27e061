// On the cpu backend slots lie in the memory of the engine: they are whole after it has grown, nobody sees them change who was
// shown them, and it does not grow with optimizers that come and go.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { MultiOptimizer, RMSprop } from "rmsprop/tfjs";
import { beforeEach, expect, test } from "vitest";
import { bits, bitsOf, memory, startBackend, variable } from "./backends.js";

beforeEach(() => startBackend("cpu"));

const numbers = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(i + seed));

/** Steps over a variable with a gradient of its size. */
function step(optimizer: tf.Optimizer, trained: tf.Variable, seed: number): void {
  tf.tidy(() => optimizer.applyGradients({ [trained.name]: tf.tensor(numbers(trained.size, seed), trained.shape) }));
}

/** The variables that were made since. */
const madeSince = (before: ReadonlySet<tf.Variable>): tf.Variable[] =>
  Object.values(tf.engine().registeredVariables).filter((each) => !before.has(each));
const present = (): Set<tf.Variable> => new Set(Object.values(tf.engine().registeredVariables));

test("slots are whole after the memory has grown, and after setWeights", async () => {
  const options = { momentum: 0.9, useEma: true, emaOverwriteFrequency: 2 };
  const [v, large] = [variable([...numbers(1000, 0)]), variable([...numbers(500_000, 1)])];
  const before = present();
  const optimizer = new RMSprop(options);
  const reference = new core.RMSprop(options);
  const expected = numbers(1000, 0);
  const both = (seed: number): void => {
    step(optimizer, v, seed);
    reference.apply([numbers(1000, seed)], [expected]);
    expect(bitsOf(v)).toBe(bits(expected));
  };
  for (const seed of [2, 3]) both(seed);
  const slots = madeSince(before);
  expect(slots.length).toBe(3);
  const held = slots.map(({ dataId }) => dataId);
  const other = new RMSprop({ centered: true, momentum: 0.9 });
  step(other, large, 4);
  expect(slots.map((slot) => bitsOf(slot))).toEqual(
    reference.variables.slice(2).map(({ value }) => bits(value as Float32Array)),
  );
  for (const seed of [5, 6]) both(seed);
  expect(slots.map(({ dataId }) => dataId)).toEqual(held); // they were written in place
  const weights = await optimizer.getWeights();
  both(7);
  await optimizer.setWeights(weights);
  v.assign(tf.tensor(expected));
  for (const made of [optimizer, other, v, large]) made.dispose();
});

test("what was read while averages are shown stays as it was", () => {
  const optimizer = new RMSprop({ useEma: true });
  const v = variable([...numbers(100, 0)]);
  step(optimizer, v, 1);
  step(optimizer, v, 2);
  const shown = optimizer.withAverage(() => v.dataSync());
  const before = bits(shown);
  step(optimizer, v, 3);
  step(optimizer, v, 4);
  expect(bits(shown)).toBe(before);
  for (const made of [optimizer, v]) made.dispose();
});

test("a gradient made of a slot's own numbers is read as it was before the step", () => {
  const v = variable([...numbers(100, 0)]);
  const before = present();
  const optimizer = new RMSprop();
  step(optimizer, v, 1);
  const [slot] = madeSince(before);
  const [variables, gradient] = [[Float32Array.from(v.dataSync())], Float32Array.from(slot?.dataSync() ?? [])];
  const reference = new core.RMSprop();
  reference.build(variables);
  reference.variables[2]?.assign(gradient);
  reference.apply([gradient]);
  tf.tidy(() => optimizer.applyGradients({ [v.name]: tf.tensor(slot?.dataSync() ?? []) }));
  expect(bitsOf(v)).toBe(bits(variables[0] ?? []));
  expect(slot && bitsOf(slot)).toBe(bits(reference.variables[2]?.value as Float32Array));
  for (const made of [optimizer, v]) made.dispose();
});

test("memory does not grow by optimizers that come and go", () => {
  const v = variable([...numbers(20_000, 0)]);
  let most = 0;
  const left = memory();
  for (let i = 0; i < 60; i++) {
    const before = present();
    const optimizer = new RMSprop({ momentum: 0.9 });
    step(optimizer, v, i);
    const [slot] = madeSince(before);
    const { byteLength = 0 } = slot?.dataSync().buffer ?? {};
    expect(byteLength).toBeGreaterThan(80_000); // a part of the engine's
    if (i === 5) most = byteLength;
    if (i > 5) expect(byteLength).toBe(most);
    optimizer.dispose();
  }
  expect(memory()).toEqual(left);
  v.dispose();
});

test("each of several optimizers clips by the norm of its own gradients", () => {
  const options = { globalClipnorm: 0.5 };
  const values = [numbers(40, 0), numbers(70, 1)];
  const variables = values.map((each) => variable([...each]));
  const [a, b] = [new RMSprop(options), new RMSprop({ ...options, learningRate: 0.1 })];
  const optimizer = new MultiOptimizer((each) => (each === variables[0] ? a : b));
  const apart = [new core.RMSprop(options), new core.RMSprop({ ...options, learningRate: 0.1 })];
  for (let i = 2; i < 5; i++) {
    tf.tidy(() =>
      optimizer.apply(
        values.map((each) => tf.tensor(numbers(each.length, i))),
        variables,
      ),
    );
    for (const [k, each] of values.entries()) apart[k]?.apply([numbers(each.length, i)], [each]);
  }
  expect(variables.map(bitsOf)).toEqual(values.map(bits));
  for (const made of [optimizer, ...variables]) made.dispose();
});
