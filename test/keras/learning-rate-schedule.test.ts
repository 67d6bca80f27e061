// Counterparts of Keras' keras/src/optimizers/schedules/learning_rate_schedule_test.py, each named by its test. The
// numbers are those of a run of Keras 3.15.1 on NumPy, in every bit; Keras' own tests ask for six digits of them.
import { Adam, schedules, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { onEveryEngine } from "../contract/support.js";
import { expectGolden } from "./golden.js";

interface Schedule {
  call(step: number): number;
}

const expectRates = (schedule: Schedule, steps: readonly number[], golden: readonly number[]): void =>
  expectGolden(
    steps.map((step) => schedule.call(step)),
    golden,
  );

/** Every 250th step below a limit, as Keras' tests of cosines go. */
const quarters = (limit: number): number[] => Array.from({ length: limit / 250 }, (_, i) => 250 * i);

type Config = Readonly<Record<string, unknown>>;

/** Each schedule with the arguments of its test_config, and what Keras writes for it. */
const CONFIGS: readonly (readonly [string, { getConfig(): Config }, { fromConfig(config: object): object }, Config])[] =
  [
    [
      "ExponentialDecayTest",
      new schedules.ExponentialDecay({
        initialLearningRate: 0.05,
        decaySteps: 10,
        decayRate: 0.96,
        staircase: true,
        name: "my_ed",
      }),
      schedules.ExponentialDecay,
      { initial_learning_rate: 0.05, decay_steps: 10, decay_rate: 0.96, staircase: true, name: "my_ed" },
    ],
    [
      "PiecewiseConstantDecayTest",
      new schedules.PiecewiseConstantDecay({ boundaries: [10, 20], values: [1, 2, 3], name: "my_pcd" }),
      schedules.PiecewiseConstantDecay,
      { boundaries: [10, 20], values: [1, 2, 3], name: "my_pcd" },
    ],
    [
      "LinearDecayTest",
      new schedules.PolynomialDecay({
        initialLearningRate: 0.1,
        decaySteps: 100,
        endLearningRate: 0.005,
        power: 1,
        cycle: false,
        name: "my_ld",
      }),
      schedules.PolynomialDecay,
      { initial_learning_rate: 0.1, decay_steps: 100, end_learning_rate: 0.005, power: 1, cycle: false, name: "my_ld" },
    ],
    [
      "InverseTimeDecayTest",
      new schedules.InverseTimeDecay({
        initialLearningRate: 0.05,
        decaySteps: 10,
        decayRate: 0.96,
        staircase: true,
        name: "my_itd",
      }),
      schedules.InverseTimeDecay,
      { initial_learning_rate: 0.05, decay_steps: 10, decay_rate: 0.96, staircase: true, name: "my_itd" },
    ],
    [
      "CosineDecayTest",
      new schedules.CosineDecay({
        initialLearningRate: 0.05,
        decaySteps: 10,
        alpha: 0.1,
        warmupTarget: 0.2,
        warmupSteps: 2,
        name: "my_cd",
      }),
      schedules.CosineDecay,
      { initial_learning_rate: 0.05, decay_steps: 10, alpha: 0.1, name: "my_cd", warmup_target: 0.2, warmup_steps: 2 },
    ],
    [
      "CosineDecayRestartsTest",
      new schedules.CosineDecayRestarts({
        initialLearningRate: 0.05,
        firstDecaySteps: 10,
        alpha: 0.1,
        tMul: 3,
        mMul: 4,
        name: "my_cdr",
      }),
      schedules.CosineDecayRestarts,
      { initial_learning_rate: 0.05, first_decay_steps: 10, t_mul: 3, m_mul: 4, alpha: 0.1, name: "my_cdr" },
    ],
  ];

test.each(CONFIGS)("%s.test_config: Keras' config, and the same schedule back", (_, schedule, type, config) => {
  expect(JSON.stringify(schedule.getConfig())).toBe(JSON.stringify(config));
  expect(type.fromConfig(config)).toEqual(schedule);
});

describe("ExponentialDecayTest", () => {
  test("test_continuous: the rate decays within each period, too", () => {
    expectRates(
      new schedules.ExponentialDecay({ initialLearningRate: 0.05, decaySteps: 10, decayRate: 0.96 }),
      [5],
      [0.048989795],
    );
  });

  test("test_staircase, test_variables: the rate stays within a period", () => {
    const decay = { initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.96, staircase: true };
    expectRates(new schedules.ExponentialDecay(decay), [1, 2, 100], [0.1, 0.1, 0.025998626]);
  });
});

describe("PiecewiseConstantDecayTest", () => {
  test("test_piecewise_values: a boundary still has the value before it", () => {
    const decay = { boundaries: [100, 110, 120], values: [1, 0.1, 0.01, 0.001] };
    expectRates(
      new schedules.PiecewiseConstantDecay(decay),
      [-999, 100, 105, 110, 120, 999],
      [1, 1, 0.1, 0.1, 0.01, 0.001],
    );
  });

  test("test_boundary_values: so does each of three in a row", () => {
    const decay = { boundaries: [1, 2, 3], values: [0.4, 0.5, 0.6, 0.7] };
    expectRates(new schedules.PiecewiseConstantDecay(decay), [0, 1, 2, 3, 4], [0.4, 0.4, 0.5, 0.6, 0.7]);
  });
});

describe.each([
  ["LinearDecayTest", 1, 0.025, 0.025500001, 0.013250001],
  ["SqrtDecayTest", 0.5, 0.03535534, 0.03564823, 0.025500001],
])("%s", (_, power, halfway, halfwayWithEnd, cycled) => {
  const decay = { initialLearningRate: 0.05, decaySteps: 10, endLearningRate: 0.001, power };

  test("test_halfway: half the way down after half the steps", () => {
    expectRates(new schedules.PolynomialDecay({ ...decay, endLearningRate: 0 }), [5], [halfway]);
  });

  test("test_end, test_halfway_with_end, test_beyond_end: it ends at the end rate and stays there", () => {
    expectRates(new schedules.PolynomialDecay(decay), [10, 5, 15], [0.001, halfwayWithEnd, 0.001]);
  });

  test("test_beyond_end_with_cycle: a cycle begins anew, over twice the steps", () => {
    expectRates(new schedules.PolynomialDecay({ ...decay, cycle: true }), [15], [cycled]);
  });

  test("test_begin_with_cycle: the first step of a cycle has the first rate", () => {
    const cycle = { initialLearningRate: 0.001, decaySteps: 10, cycle: true };
    expectRates(new schedules.PolynomialDecay(cycle), [0], [0.001]);
  });
});

describe("InverseTimeDecayTest", () => {
  const decay = { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.96 };
  const steps = Array.from({ length: 11 }, (_, i) => i);

  test("test_decay: the rate is divided by one and a multiple of the step", () => {
    expectRates(new schedules.InverseTimeDecay(decay), steps, [
      ...[0.1, 0.09124088, 0.08389261, 0.07763975, 0.07225433, 0.067567565],
      ...[0.06345178, 0.059808616, 0.056561086, 0.05364807, 0.051020406],
    ]);
  });

  test("test_staircase: the rate stays within a period", () => {
    const golden = [...new Array<number>(10).fill(0.1), 0.051020406];
    expectRates(new schedules.InverseTimeDecay({ ...decay, staircase: true }), steps, golden);
  });
});

describe("CosineDecayTest", () => {
  const decay = { initialLearningRate: 1, decaySteps: 1000 };
  const warmup = { initialLearningRate: 0, warmupTarget: 10 };

  test("test_decay, test_float64: the rate follows a cosine", () => {
    expectRates(new schedules.CosineDecay(decay), quarters(1500), [1, 0.8535534, 0.49999997, 0.14644662, 0, 0]);
  });

  test("test_warmup: the rate climbs to its target on a line", () => {
    const schedule = new schedules.CosineDecay({ ...warmup, decaySteps: 10, warmupSteps: 1500 });
    expectRates(schedule, quarters(1500), [0, 1.6666667, 3.3333335, 5, 6.666667, 8.333333]);
  });

  test("test_alpha: the rate ends at a part of the first one", () => {
    const golden = [1, 0.8681981, 0.54999995, 0.23180196, 0.1, 0.1];
    expectRates(new schedules.CosineDecay({ ...decay, alpha: 0.1 }), quarters(1500), golden);
  });

  test("test_warmup_decay: the climb is followed by the cosine", () => {
    const schedule = new schedules.CosineDecay({ ...warmup, decaySteps: 1000, warmupSteps: 2000 });
    const golden = [0, 1.25, 2.5, 3.75, 5, 6.25, 7.5, 8.75, 10, 8.535534, 4.9999995, 1.4644661];
    expectRates(schedule, quarters(3000), golden);
  });
});

describe("CosineDecayRestartsTest", () => {
  const decay = { initialLearningRate: 1, firstDecaySteps: 1000 };
  const GOLDEN: readonly (readonly [string, object, readonly number[]])[] = [
    ["test_decay, test_float64: the rate follows a cosine", {}, [1, 0.8535534, 0.49999997, 0.14644662, 1, 0.96193975]],
    [
      "test_alpha: the rate ends at a part of the first one",
      { alpha: 0.1 },
      [1, 0.8681981, 0.54999995, 0.23180196, 1, 0.9657458],
    ],
    [
      "test_mmul: each period begins at a part of the last one's rate",
      { mMul: 0.9 },
      [1, 0.8535534, 0.49999997, 0.14644662, 0.9, 0.8657458],
    ],
    ["test_tmul: periods may be equally long", { tMul: 1 }, [1, 0.8535534, 0.49999997, 0.14644662, 1, 0.8535534]],
  ];
  test.each(GOLDEN)("%s", (_, options, golden) => {
    expectRates(new schedules.CosineDecayRestarts({ ...decay, ...options }), quarters(1500), golden);
  });
});

/** Keras' numbers are those of its own fit, whose sums this loop need not repeat: its test asks for this much. */
const KERAS_RTOL = 5e-5;

onEveryEngine(() => {
  test("TestFitLRSchedulesFlow.test_fit_lr_correctness: three epochs of Adam with a schedule end at Keras' losses", () => {
    const [kernel, bias] = [new Variable([1, 1, 1, 1], { shape: [2, 2] }), new Variable([1, 1])];
    const learningRate = new schedules.ExponentialDecay({ initialLearningRate: 0.05, decaySteps: 1, decayRate: 0.9 });
    const adam = new Adam({ learningRate });
    expect(adam.variables.map(({ value }) => [...value])).toEqual([[0]]);
    const losses = [0, 1, 2].map(() => {
      const batches = [0, 1, 2, 3].map((batch) => adam.minimize(() => denseLoss(kernel, bias, batch), [kernel, bias]));
      return batches.reduce((sum, loss) => sum + loss, 0) / batches.length;
    });
    expect([...(adam.variables[0]?.value ?? [])]).toEqual([12]);
    [230.79457092285156, 128.30319213867188, 79.33648681640625].forEach((golden, epoch) => {
      expect(Math.abs((losses[epoch] ?? 0) / golden - 1)).toBeLessThan(KERAS_RTOL);
    });
  });
});

/** The mean square error of a Dense layer of two units on four rows of 0, 1, 2, ... 31 that are asked for themselves. */
function denseLoss(kernel: Variable, bias: Variable, batch: number): { value: number; gradients: number[][] } {
  const [k, b] = [kernel.value, bias.value];
  const [ofKernel, ofBias] = [
    [0, 0, 0, 0],
    [0, 0],
  ];
  let value = 0;
  for (let row = 4 * batch; row < 4 * batch + 4; row++) {
    const x = [2 * row, 2 * row + 1];
    for (let unit = 0; unit < 2; unit++) {
      const output = (x[0] ?? 0) * (k[unit] ?? 0) + (x[1] ?? 0) * (k[2 + unit] ?? 0) + (b[unit] ?? 0);
      const difference = output - (x[unit] ?? 0);
      value += difference ** 2 / 8;
      ofBias[unit] = (ofBias[unit] ?? 0) + difference / 4;
      for (let input = 0; input < 2; input++) {
        const at = 2 * input + unit;
        ofKernel[at] = (ofKernel[at] ?? 0) + (difference / 4) * (x[input] ?? 0);
      }
    }
  }
  return { value, gradients: [ofKernel, ofBias] };
}
