import { describe, expect, test } from "vitest";
import * as schedules from "./index.js";

interface BuiltIn {
  readonly className: string;
  fromConfig(config: object): schedules.LearningRateSchedule;
}

// Keras 3.15.1, numpy backend, NPY_DISABLE_CPU_FEATURES=X86_V3: config, steps (an int32 variable), bits of the results.
const KERAS: readonly (readonly [BuiltIn, object, readonly number[], string])[] = [
  [
    schedules.ExponentialDecay,
    { initial_learning_rate: 0.1, decay_steps: 100000, decay_rate: 0.96 },
    [0, 1, 7, 1000, 99999, 100000, 123456789],
    "3dcccccd 3dccccc7 3dcccca7 3dccb767 3dc49bab 3dc49ba6 197ab150",
  ],
  [
    schedules.ExponentialDecay,
    { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5, staircase: true },
    [0, 9, 10, 25, 1000],
    "3dcccccd 3dcccccd 3d4ccccd 3ccccccd 0bcccccd",
  ],
  [
    schedules.ExponentialDecay,
    { initial_learning_rate: 0.003, decay_steps: 2.5, decay_rate: 1.01, name: "grow" },
    [0, 1, 2, 3, 1000],
    "3b449ba6 3b45645f 3b462de7 3b46f83c 3e246ceb",
  ],
  [
    schedules.ExponentialDecay,
    { initial_learning_rate: 1, decay_steps: 3, decay_rate: 0 },
    [0, 1, 3],
    "3f800000 00000000 00000000",
  ],
  [
    schedules.InverseTimeDecay,
    { initial_learning_rate: 0.1, decay_steps: 1, decay_rate: 0.5 },
    [0, 1, 2, 3, 1000],
    "3dcccccd 3d888889 3d4ccccd 3d23d70a 39514bef",
  ],
  [
    schedules.InverseTimeDecay,
    { initial_learning_rate: 0.05, decay_steps: 7, decay_rate: 0.3, staircase: true },
    [0, 6, 7, 8, 700, 16777217],
    "3d4ccccd 3d4ccccd 3d1d89d9 3d1d89d9 3ad3680d 33955548",
  ],
  [
    schedules.PiecewiseConstantDecay,
    { boundaries: [100000, 110000], values: [1, 0.5, 0.1] },
    [0, 100000, 100001, 110000, 110001, 2147483646],
    "3f800000 3f800000 3f000000 3f000000 3dcccccd 3dcccccd",
  ],
  [schedules.PiecewiseConstantDecay, { boundaries: [2.5], values: [0.3, -0] }, [0, 2, 3], "3e99999a 3e99999a 00000000"],
  [
    schedules.PolynomialDecay,
    { initial_learning_rate: 0.1, decay_steps: 10000, end_learning_rate: 0.01, power: 0.5 },
    [0, 1, 3333, 9999, 10000, 10001],
    "3dcccccd 3dccca71 3daafafc 3c32963a 3c23d70a 3c23d70a",
  ],
  [
    schedules.PolynomialDecay,
    { initial_learning_rate: 0.1, decay_steps: 7 },
    [0, 1, 3, 6, 7, 8],
    "3dcccccd 3daf9276 3d6a3b91 3c6b7623 38d1b717 38d1b717",
  ],
  [
    schedules.PolynomialDecay,
    { initial_learning_rate: 0.1, decay_steps: 7, end_learning_rate: 0, power: 2, cycle: true },
    [0, 1, 7, 8, 14, 15, 100],
    "3dcccccd 3d96771f 00000000 3c96771d 00000000 3c05bf37 396dc5b7",
  ],
  [
    schedules.PolynomialDecay,
    { initial_learning_rate: 0.1, decay_steps: 5, power: 0 },
    [0, 3, 5, 6],
    "3dcccccd 3dcccccd 3dcccccd 3dcccccd",
  ],
  [
    schedules.CosineDecay,
    { initial_learning_rate: 0.1, decay_steps: 1000 },
    [0, 1, 333, 500, 999, 1000, 1001],
    "3dcccccd 3dccccab 3d99b15d 3d4ccccc 3484cccd 00000000 00000000",
  ],
  [
    schedules.CosineDecay,
    { initial_learning_rate: 0.1, decay_steps: 30, alpha: 0.1 },
    [0, 1, 10, 29, 30, 99],
    "3dcccccd 3dcc4b8e 3d9eb852 3c27e0ff 3c23d70b 3c23d70b",
  ],
  [
    schedules.CosineDecay,
    { initial_learning_rate: 0, decay_steps: 1000, warmup_target: 0.1, warmup_steps: 1000 },
    [0, 1, 999, 1000, 1001, 1777, 2000, 3000],
    "00000000 38d1b718 3dcc985f 3dcccccd 3dccccab 3c40f1e3 00000000 00000000",
  ],
  [
    schedules.CosineDecay,
    { initial_learning_rate: 0.02, decay_steps: 8, alpha: 0.3, warmup_target: 0.2, warmup_steps: 0 },
    [0, 1, 8, 9],
    "3e4ccccd 3e4757fc 3d75c290 3d75c290",
  ],
  [
    schedules.CosineDecayRestarts,
    { initial_learning_rate: 0.1, first_decay_steps: 1000 },
    [0, 1, 999, 1000, 1001, 2999, 3000, 123456],
    "3dcccccd 3dccccab 3484cccd 3dcccccd 3dccccc5 33866667 3dcccccd 3a45d69a",
  ],
  [
    schedules.CosineDecayRestarts,
    { initial_learning_rate: 0.1, first_decay_steps: 7, t_mul: 1, m_mul: 0.9, alpha: 0.05 },
    [0, 6, 7, 8, 13, 14, 1000],
    "3dcccccd 3c1efd6e 3db95810 3db0ac72 3c174873 3da7d567 3ba3d70e",
  ],
  [
    schedules.CosineDecayRestarts,
    { initial_learning_rate: 0.1, first_decay_steps: 10, t_mul: 1.5, m_mul: 0.5 },
    [0, 9, 10, 24, 25, 26, 100],
    "3dcccccd 3b2060cd 3d4ccccd 3a0f361a 3ccccccd 3ccbcdaf 3b8ef565",
  ],
  [
    schedules.CosineDecayRestarts,
    { initial_learning_rate: 0.1, first_decay_steps: 10, t_mul: 0.5 },
    [0, 9, 10, 14, 15, 19],
    "3dcccccd 3b2060cd 3dcccccd 3c1c7410 3dcccccd 3d860b20",
  ],
];

// Here NumPy's power or cosine is not correctly rounded: the last column is the result with correct ones, by mpmath.
const CORRECTLY_ROUNDED: typeof KERAS = [
  [
    schedules.ExponentialDecay,
    { initial_learning_rate: 0.0204, decay_steps: 829, decay_rate: 0.36491587711668627 },
    [15124],
    "2f670121",
  ],
  [schedules.CosineDecay, { initial_learning_rate: 0.0411, decay_steps: 1000 }, [697, 726], "3c0d5d71 3bea72f5"],
];

// What Keras' get_config gives when only the required arguments are passed.
const DEFAULTS: readonly (readonly [BuiltIn, object, string])[] = [
  [
    schedules.ExponentialDecay,
    { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9 },
    '{"initial_learning_rate":0.1,"decay_steps":10,"decay_rate":0.9,"staircase":false,"name":"ExponentialDecay"}',
  ],
  [
    schedules.InverseTimeDecay,
    { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9 },
    '{"initial_learning_rate":0.1,"decay_steps":10,"decay_rate":0.9,"staircase":false,"name":"InverseTimeDecay"}',
  ],
  [
    schedules.PiecewiseConstantDecay,
    { boundaries: [4, 5], values: [0.1, 0.2, 0.3] },
    '{"boundaries":[4,5],"values":[0.1,0.2,0.3],"name":"PiecewiseConstant"}',
  ],
  [
    schedules.PolynomialDecay,
    { initial_learning_rate: 0.1, decay_steps: 10 },
    '{"initial_learning_rate":0.1,"decay_steps":10,"end_learning_rate":0.0001,"power":1,"cycle":false,"name":"PolynomialDecay"}',
  ],
  [
    schedules.CosineDecay,
    { initial_learning_rate: 0.1, decay_steps: 5 },
    '{"initial_learning_rate":0.1,"decay_steps":5,"alpha":0,"name":"CosineDecay","warmup_target":null,"warmup_steps":0}',
  ],
  [
    schedules.CosineDecayRestarts,
    { initial_learning_rate: 0.1, first_decay_steps: 5 },
    '{"initial_learning_rate":0.1,"first_decay_steps":5,"t_mul":2,"m_mul":1,"alpha":0,"name":"SGDRDecay"}',
  ],
];

const bitsOf = (x: number): string => `${new Uint32Array(Float32Array.of(x).buffer)[0]?.toString(16).padStart(8, "0")}`;

describe("the six schedules", () => {
  test.each(KERAS)("%o equals Keras in every bit", (type, config, steps, bits) => {
    const schedule = type.fromConfig(config);
    expect(steps.map((step) => bitsOf(schedule.call(step))).join(" ")).toBe(bits);
  });

  test.each(CORRECTLY_ROUNDED)("%o is correctly rounded where NumPy is not", (type, config, steps, bits) => {
    const schedule = type.fromConfig(config);
    expect(steps.map((step) => bitsOf(schedule.call(step))).join(" ")).toBe(bits);
  });

  test.each(DEFAULTS)("%o has Keras' defaults and config", (type, config, full) => {
    const schedule = type.fromConfig(config);
    expect(JSON.stringify(schedule.getConfig())).toBe(full);
    expect(JSON.stringify(type.fromConfig(schedule.getConfig()).getConfig())).toBe(full);
  });

  test.each(DEFAULTS)("%o goes by the name that it is exported under", (type) => {
    expect(Object.entries(schedules)).toContainEqual([type.className, type]);
  });

  test.each(DEFAULTS)("%o refuses a step that is no finite number", (type, config) => {
    const schedule = type.fromConfig(config);
    expect(() => schedule.call(Number.NaN)).toThrow(/step must be a finite number; received step=NaN/);
    expect(() => Reflect.apply(schedule.call, schedule, ["5"])).toThrow(TypeError);
  });

  test("restarts with a shrinking period are NaN after its end, as in Keras", () => {
    const schedule = new schedules.CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10, tMul: 0.5 });
    expect(schedule.call(19)).toBeGreaterThan(0);
    expect(schedule.call(20)).toBeNaN();
  });
});

describe("bad arguments", () => {
  const decay = { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9 };
  const restarts = { initial_learning_rate: 0.1, first_decay_steps: 10 };
  test.each<[BuiltIn, object, ErrorConstructor, string]>([
    [
      schedules.ExponentialDecay,
      { ...decay, decay_steps: 0 },
      RangeError,
      "ExponentialDecay: decaySteps must be a finite number > 0; received decaySteps=0. Pass a finite number > 0.",
    ],
    [schedules.ExponentialDecay, { ...decay, decay_steps: -1 }, RangeError, "decaySteps must be a finite number > 0"],
    [
      schedules.ExponentialDecay,
      { ...decay, decay_steps: "10" },
      TypeError,
      'received decaySteps="10". Convert it with Number().',
    ],
    [schedules.ExponentialDecay, { ...decay, decay_rate: Number.NaN }, RangeError, "received decayRate=NaN"],
    [schedules.ExponentialDecay, { ...decay, decay_rate: -0.5 }, RangeError, "decayRate must be a finite number >= 0"],
    [
      schedules.ExponentialDecay,
      { ...decay, staircase: 1 },
      TypeError,
      "staircase must be true or false; received staircase=1",
    ],
    [schedules.ExponentialDecay, { ...decay, name: "a/b" }, RangeError, "name must be a string without /"],
    [schedules.ExponentialDecay, { ...decay, decay_step: 3 }, TypeError, "Did you mean decay_steps?"],
    [schedules.ExponentialDecay, { ...decay, decaySteps: 3 }, TypeError, "Did you mean decay_steps?"],
    [
      schedules.ExponentialDecay,
      { decay_steps: 10, decay_rate: 0.9 },
      TypeError,
      "received initialLearningRate=undefined. It has no default",
    ],
    [schedules.InverseTimeDecay, { ...decay, decay_steps: 0 }, RangeError, "InverseTimeDecay: decaySteps must"],
    [
      schedules.InverseTimeDecay,
      { ...decay, initial_learning_rate: Infinity },
      RangeError,
      "received initialLearningRate=Infinity",
    ],
    [
      schedules.PolynomialDecay,
      { initial_learning_rate: 0.1, decay_steps: 0 },
      RangeError,
      "PolynomialDecay: decaySteps must",
    ],
    [
      schedules.PolynomialDecay,
      { initial_learning_rate: 0.1, decay_steps: 5, power: -1 },
      RangeError,
      "power must be a finite number >= 0",
    ],
    [schedules.CosineDecay, { initial_learning_rate: 0.1, decay_steps: 0 }, RangeError, "CosineDecay: decaySteps must"],
    [
      schedules.CosineDecay,
      { initial_learning_rate: 0.1, decay_steps: 5, alpha: -1 },
      RangeError,
      "alpha must be a finite number >= 0",
    ],
    [
      schedules.CosineDecay,
      { initial_learning_rate: 0.1, decay_steps: 5, warmup_target: "1" },
      TypeError,
      "warmupTarget must be a finite number or null",
    ],
    [
      schedules.CosineDecay,
      { initial_learning_rate: 0.1, decay_steps: 5, warmup_steps: -1 },
      RangeError,
      "warmupSteps must be a finite number >= 0",
    ],
    [
      schedules.CosineDecayRestarts,
      { ...restarts, first_decay_steps: 0 },
      RangeError,
      "firstDecaySteps must be a finite number > 0",
    ],
    [schedules.CosineDecayRestarts, { ...restarts, t_mul: 0 }, RangeError, "tMul must be a finite number > 0"],
    [schedules.CosineDecayRestarts, { ...restarts, m_mul: -1 }, RangeError, "mMul must be a finite number >= 0"],
    [schedules.CosineDecayRestarts, { ...restarts, tmul: 1 }, TypeError, "Did you mean t_mul?"],
    [
      schedules.PiecewiseConstantDecay,
      { boundaries: [5, 3], values: [1, 2, 3] },
      RangeError,
      "boundaries[1] must be greater than boundaries[0]=5; received boundaries[1]=3",
    ],
    [
      schedules.PiecewiseConstantDecay,
      { boundaries: [5, 5], values: [1, 2, 3] },
      RangeError,
      "boundaries[1] must be greater",
    ],
    [
      schedules.PiecewiseConstantDecay,
      { boundaries: [5, "7"], values: [1, 2, 3] },
      TypeError,
      'received boundaries[1]="7"',
    ],
    [
      schedules.PiecewiseConstantDecay,
      { boundaries: [-1], values: [1, 2] },
      RangeError,
      "boundaries[0] must be a finite number >= 0",
    ],
    [schedules.PiecewiseConstantDecay, { boundaries: [], values: [1] }, RangeError, "boundaries must not be empty"],
    [
      schedules.PiecewiseConstantDecay,
      { boundaries: [5], values: [1] },
      RangeError,
      "values must be 2 numbers, one more than boundaries; received values=Array(1)",
    ],
    [
      schedules.PiecewiseConstantDecay,
      { boundaries: 5, values: [1] },
      TypeError,
      "boundaries must be an array of numbers",
    ],
  ])("%o with %o is refused", (type, config, error, message) => {
    expect(() => type.fromConfig(config)).toThrow(error);
    expect(() => type.fromConfig(config)).toThrow(message);
  });

  test("a constructor suggests the option that was meant, also for Keras' own spelling", () => {
    const options = { initialLearningRate: 0.1, decaySteps: 3, decay_rate: 0.5 };
    const make = () => Reflect.construct(schedules.ExponentialDecay, [options]);
    expect(make).toThrow(
      "ExponentialDecay: decay_rate must be a known argument; received decay_rate=0.5. Did you mean decayRate?",
    );
  });

  test("a constructor refuses positional arguments", () => {
    const make = () => Reflect.construct(schedules.ExponentialDecay, [0.1]);
    expect(make).toThrow(
      "options must be one object; received options=0.1. Pass { initialLearningRate, decaySteps, ... }.",
    );
  });
});
