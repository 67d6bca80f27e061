// Configs that older versions of Keras wrote: what Keras 3 takes of them is taken, what it drops or refuses is said.
import {
  deserialize,
  get,
  type KerasConfig,
  LossScaleOptimizer,
  RMSprop,
  type RMSpropOptions,
  schedules,
} from "rmsprop";
import { expect, test } from "vitest";
import { errorOf } from "./support.js";

/** As tf_keras 2.21 writes the legacy optimizer, and every Keras from 2.3 to 2.10. */
const LEGACY = {
  ...{ name: "RMSprop", learning_rate: 0.001, decay: 0, rho: 0.95, momentum: 0, epsilon: 1e-7, centered: false },
};
/** As tf_keras 2.21 writes the other one, and Keras from 2.11 on. */
const NEWER = {
  ...{ name: "RMSprop", weight_decay: null, clipnorm: null, global_clipnorm: null, clipvalue: null, use_ema: false },
  ...{ ema_momentum: 0.99, ema_overwrite_frequency: 100, jit_compile: false, is_legacy_optimizer: false },
  ...{ learning_rate: 0.0010000000474974513, rho: 0.95, momentum: 0, epsilon: 1e-7, centered: false },
};
/** As Keras wrote it up to 2.2. */
const OLDEST = { lr: 0.001, rho: 0.95, decay: 0, epsilon: 1e-7 };

const serialized = (config: object): object => ({ module: "keras.optimizers.legacy", class_name: "RMSprop", config });
const WAYS: readonly (readonly [string, (config: object) => RMSprop])[] = [
  ["fromConfig", (config) => RMSprop.fromConfig(config as KerasConfig)],
  ["deserialize", (config) => deserialize(serialized(config)) as RMSprop],
  ["get", (config) => get(serialized(config) as never) as RMSprop],
];

test.each(WAYS)("%s takes a decay of 0 or null, and rho stays", (_, create) => {
  for (const decay of [0, null]) {
    const config = create({ ...LEGACY, decay }).getConfig();
    expect(config).toMatchObject({ name: "RMSprop", rho: 0.95, learning_rate: Math.fround(0.001) });
    expect(config).not.toHaveProperty("decay");
  }
});

test.each(WAYS)("%s refuses another decay, and writes out the schedule that Keras 3 has for it", (_, create) => {
  const error = errorOf(() => create({ ...LEGACY, decay: 1e-6 }));
  expect(error).toBeInstanceOf(RangeError);
  const schedule =
    '{"module":"keras.optimizers.schedules","class_name":"InverseTimeDecay",' +
    '"config":{"initial_learning_rate":0.001,"decay_steps":1,"decay_rate":0.000001},"registered_name":null}';
  expect(error.message).toBe(
    "RMSprop: decay must be 0 or null, since Keras 3 has no such argument; received decay=0.000001. " +
      `Keras 2 divides the learning rate by 1 + decay * step: write "learning_rate": ${schedule}.`,
  );
  const { decay: _decay, ...rest } = LEGACY;
  expect(create({ ...rest, learning_rate: JSON.parse(schedule) }).learningRate).toBe(Math.fround(0.001));
});

test.each([
  [
    0.01,
    0.1,
    [0.009999999776482582, 0.00909090880304575, 0.00833333283662796, 0.007692307699471712, 0.0071428571827709675],
  ],
  [
    0.001,
    1e-6,
    [0.0010000000474974513, 0.0009999991161748767, 0.0009999980684369802, 0.0009999970206990838, 0.0009999959729611874],
  ],
  [0.1, 0.37, [0.10000000149011612, 0.072992704808712, 0.05747126415371895, 0.04739336296916008, 0.04032257944345474]],
])(
  "that schedule has the rates of tf_keras 2.21 in every bit: %f, decay %f",
  (initialLearningRate, decayRate, rates) => {
    const schedule = new schedules.InverseTimeDecay({ initialLearningRate, decaySteps: 1, decayRate });
    expect(rates.map((_, step) => schedule.call(step))).toEqual(rates);
  },
);

test.each<readonly [string, RMSpropOptions & { decay: unknown }, string]>([
  [
    "the default rate",
    { decay: 1e-6 },
    "pass learningRate: new schedules.InverseTimeDecay({ initialLearningRate: 0.001, decaySteps: 1, decayRate: 0.000001 }). " +
      "If it is that of tf.train.rmsprop, call it rho.",
  ],
  [
    "a rate and a rho",
    { learningRate: 0.5, rho: 0.9, decay: 0.1 },
    "pass learningRate: new schedules.InverseTimeDecay({ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.1 }).",
  ],
  [
    "a function",
    { learningRate: () => 0.5, rho: 0.9, decay: 0.1 },
    "pass a schedule or function of your own that does.",
  ],
  ["no number", { rho: 0.9, decay: "0.1" }, "pass a schedule or function of your own that does."],
])("as an option, decay is refused in the same way: %s", (_, options, remedy) => {
  const { message } = errorOf(() => new RMSprop(options));
  expect(message).toContain(`RMSprop: decay must be 0 or null, since Keras 3 has no such argument; received decay=`);
  expect(message.endsWith(`by 1 + decay * step: ${remedy}`)).toBe(true);
});

test.each<readonly [string, object, string]>([
  ["lr", OLDEST, "received lr=0.001. Did you mean learning_rate?"],
  ["jit_compile", NEWER, "received jit_compile=false. Leave it out: Keras 3 has no such argument."],
  ["jitCompile", { jitCompile: true }, "received jitCompile=true. Leave it out: Keras 3 has no such argument."],
  ["is_legacy_optimizer", { is_legacy_optimizer: false }, "received is_legacy_optimizer=false. Leave it out: Keras"],
  ["weight_decai", { weight_decai: 0.1 }, "received weight_decai=0.1. Did you mean weight_decay?"],
  ["_use_ema", { _use_ema: true }, "received _use_ema=true. Did you mean use_ema?"],
])("%s, which Keras 3 refuses, is refused in the spelling of the config", (key, config, says) => {
  for (const [, create] of WAYS) {
    const error = errorOf(() => create(config));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`RMSprop: ${key} must be a known argument; ${says}`);
  }
});

test("an option is spelt as in JavaScript", () => {
  const error = errorOf(() => new RMSprop({ weight_decay: 0.1 } as RMSpropOptions));
  expect(error.message).toMatch(/^RMSprop: weight_decay must be a known argument; .*Did you mean weightDecay\?$/);
});

test("a name of null is the default one", () => {
  expect(RMSprop.fromConfig({ ...LEGACY, name: null }).name).toBe("rmsprop");
  const optimizer = LossScaleOptimizer.fromConfig({ name: null, inner_optimizer: serialized(LEGACY) });
  expect(optimizer.name).toBe("loss_scale_optimizer");
});

// What tf_keras 2.21 writes of each; Keras 3 takes it, and fails when the schedule is asked.
const SCHEDULES = {
  ExponentialDecay: { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5, staircase: false },
  InverseTimeDecay: { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5, staircase: false },
  PiecewiseConstantDecay: { boundaries: [1], values: [0.1, 0.2] },
  PolynomialDecay: { initial_learning_rate: 0.1, decay_steps: 10, end_learning_rate: 0.0001, power: 1, cycle: false },
  CosineDecay: { initial_learning_rate: 0.1, decay_steps: 10, alpha: 0, warmup_target: null, warmup_steps: 0 },
  CosineDecayRestarts: { initial_learning_rate: 0.1, first_decay_steps: 10, t_mul: 2, m_mul: 1, alpha: 0 },
};
test.each(Object.entries(SCHEDULES))("%s without a name, as Keras 2 writes it, has its default name", (type, own) => {
  const learning_rate = { module: "keras.optimizers.schedules", class_name: type, config: { ...own, name: null } };
  const optimizer = RMSprop.fromConfig({ ...LEGACY, learning_rate });
  expect(optimizer.learningRate).toBe(Math.fround(0.1));
  const { config } = optimizer.getConfig().learning_rate as { config: { name: string } };
  const unnamed = { ...learning_rate, config: own };
  expect(config).toEqual(
    (RMSprop.fromConfig({ learning_rate: unnamed }).getConfig().learning_rate as typeof config & { config: object })
      .config,
  );
  expect(config.name.length).toBeGreaterThan(0);
});

const SCALED = { inner_optimizer: serialized(LEGACY), initial_scale: 128, dynamic_growth_steps: 2000 };

test.each<readonly [string, object]>([
  ["dynamic", { dynamic: true }],
  [
    "base arguments at their defaults",
    { weight_decay: null, clipnorm: null, global_clipnorm: null, clipvalue: null, use_ema: false, ema_momentum: 0.99 },
  ],
  ["the other ones", { ema_overwrite_frequency: null, loss_scale_factor: null, gradient_accumulation_steps: null }],
])("a LossScaleOptimizer's config may have %s, as in Keras 3", (_, more) => {
  const optimizer = LossScaleOptimizer.fromConfig({ ...SCALED, ...more });
  expect([optimizer.initialScale, optimizer.innerOptimizer.getConfig().rho]).toEqual([128, 0.95]);
});

test.each<readonly [object, string]>([
  [
    { dynamic: false },
    "dynamic must be true, as Keras 3 has no other; received dynamic=false. For a scale that stays, set loss_scale_factor on",
  ],
  [
    { weight_decay: 0.1 },
    "weight_decay must not be set here; received weight_decay=0.1. Set weight_decay on the inner",
  ],
  [
    { learning_rate: 0 },
    "learning_rate must not be set here; received learning_rate=0. Set learning_rate on the inner",
  ],
  [
    { decay: 0 },
    "decay must be a known argument; received decay=0. Known are: initial_scale, dynamic_growth_steps, name.",
  ],
  [
    { jit_compile: false },
    "jit_compile must be a known argument; received jit_compile=false. Leave it out: Keras 3 has",
  ],
])("a LossScaleOptimizer's config may not have %j, as in Keras 3", (more, says) => {
  const error = errorOf(() => LossScaleOptimizer.fromConfig({ ...SCALED, ...more }));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(`LossScaleOptimizer: ${says}`);
});

test.each([
  ["RMSprop", () => RMSprop.fromConfig(serialized(LEGACY) as KerasConfig)],
  ["LossScaleOptimizer", () => LossScaleOptimizer.fromConfig({ class_name: "LossScaleOptimizer", config: SCALED })],
])("%s.fromConfig names deserialize() for a serialized object", (owner, create) => {
  expect(errorOf(create).message).toBe(
    `${owner}: config must be what getConfig() returned; received config=a serialized object, with a class name and a config. ` +
      "Pass its config alone; core's deserialize() takes all of it.",
  );
});
