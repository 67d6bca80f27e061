// Checkpoints of TensorFlow.js runs: they go on in every bit, here and in core.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import * as tfjs from "rmsprop/tfjs";
import { type LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { bits, bitsOf, variable } from "./backends.js";
import { onSomeBackend } from "./suite.js";

type AnyOptimizer = RMSprop | LossScaleOptimizer;

const OPTIONS: readonly core.RMSpropOptions[] = [
  {},
  { momentum: 0.9, centered: true, weightDecay: 0.01 },
  { useEma: true, emaOverwriteFrequency: 2, globalClipnorm: 1 },
  { gradientAccumulationSteps: 3, useEma: true },
  { learningRate: new core.schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }) },
];

function fresh(names: readonly string[] = []): tf.Variable[] {
  const kernel = [
    [1, -2],
    [3, 4],
  ];
  return [variable(kernel, names[0]), variable([0.5], names[1])];
}

function train(optimizer: AnyOptimizer, variables: readonly tf.Variable[], from: number, steps: number): void {
  for (let step = from; step < from + steps; step++) {
    tf.tidy(() => {
      const gradients = variables.map(({ shape }) => tf.mul(tf.ones(shape), Math.sin(step + 1)));
      optimizer.apply(gradients, [...variables]);
    });
  }
}

function stateOf(optimizer: AnyOptimizer, variables: readonly tf.Variable[]): string[] {
  const own = optimizer.variables.map(({ slot, value }) => `${slot} ${bits(value)}`);
  return [...own, ...variables.map(bitsOf)];
}

onSomeBackend(() => {
  test.each([...OPTIONS.map((options) => () => new RMSprop(options)), scaled])(
    "run %# goes on in every bit, in another optimizer over other variables",
    (make) => {
      const [optimizer, variables] = [make(), fresh()];
      train(optimizer, variables, 0, 4);
      const bytes = saveCheckpoint(optimizer, variables, { epoch: "4" });
      const [other, others] = [make(), fresh()];
      expect(loadCheckpoint(bytes, other, others)).toEqual({ epoch: "4" });
      train(optimizer, variables, 4, 3);
      train(other, others, 4, 3);
      expect(stateOf(other, others)).toEqual(stateOf(optimizer, variables));
      tf.dispose([...variables, ...others]);
      optimizer.dispose();
      other.dispose();
    },
  );

  test("a flipped bit in the numbers is found, unless one asks to load anyway", () => {
    const [optimizer, variables] = [new RMSprop(), fresh()];
    train(optimizer, variables, 0, 1);
    const bytes = saveCheckpoint(optimizer, variables);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 64;
    const [other, others] = [new RMSprop(), fresh()];
    const before = others.map(bitsOf);
    expect(() => loadCheckpoint(bytes, other, others)).toThrow(/checksum/);
    expect([other.iterations, others.map(bitsOf)]).toEqual([0, before]);
    loadCheckpoint(bytes, other, others, { checksum: false });
    expect(other.iterations).toBe(1);
    tf.dispose([...variables, ...others]);
    optimizer.dispose();
    other.dispose();
  });

  test.each([
    ["without names", []],
    ["with paths for names", ["dense_of_checkpoint/kernel", "dense_of_checkpoint/bias"]],
  ])("core goes on where TensorFlow.js stopped, and the other way round, %s", (_, names) => {
    const options = { momentum: 0.9, useEma: true };
    const [optimizer, variables] = [new RMSprop(options), fresh(names)];
    train(optimizer, variables, 0, 3);
    const loaded = core.loadCheckpoint(saveCheckpoint(optimizer, variables));
    train(optimizer, variables, 3, 2);
    for (const step of [3, 4]) {
      const given = loaded.variables.map(({ length = 0, size = length }: { length?: number; size?: number }) =>
        new Float32Array(size).fill(Math.sin(step + 1)),
      );
      loaded.optimizer.apply(given, loaded.variables);
    }
    const back = core.saveCheckpoint(loaded.optimizer, loaded.variables);
    const before = stateOf(optimizer, variables);
    train(optimizer, variables, 5, 1);
    expect(stateOf(optimizer, variables)).not.toEqual(before);
    loadCheckpoint(back, optimizer, variables);
    expect(stateOf(optimizer, variables)).toEqual(before);
    tf.dispose(variables);
    optimizer.dispose();
  });

  test("what does not fit is refused, and nothing changes", () => {
    const [optimizer, variables] = [new RMSprop({ momentum: 0.9 }), fresh()];
    train(optimizer, variables, 0, 2);
    const bytes = saveCheckpoint(optimizer, variables);
    const [other, others] = [new RMSprop(), fresh()];
    const before = stateOf(other, others);
    const refused = [
      () => loadCheckpoint(bytes, other, others),
      () => loadCheckpoint(bytes, other, others.slice(1)),
      () => loadCheckpoint(bytes.slice(0, 100), other, others),
      () => loadCheckpoint(bytes, {} as never, others),
      () => loadCheckpoint(bytes, other, [others[0], others[0]] as tf.Variable[]),
      () => saveCheckpoint(optimizer, variables.slice(1)),
    ];
    for (const act of refused) expect(act).toThrow(/^\w+: .+/s);
    expect(stateOf(other, others)).toEqual(before);
    tf.dispose([...variables, ...others]);
    optimizer.dispose();
    other.dispose();
  });
});

function scaled(): AnyOptimizer {
  return new tfjs.LossScaleOptimizer(new RMSprop({ useEma: true }), { initialScale: 8, dynamicGrowthSteps: 2 });
}
