// Configs: Keras' own JSON out, the same optimizer back in.
import {
  type CustomObjects,
  constraints,
  defineOptimizer,
  deserialize,
  get,
  type KerasConfig,
  LearningRateSchedule,
  LossScaleOptimizer,
  Optimizer,
  RMSprop,
  type RMSpropOptions,
  type SerializedObject,
  schedules,
  serialize,
} from "rmsprop";
import { describe, expect, test, vi } from "vitest";
import { YOGI } from "../../examples/optimizers/yogi.js";
import { complaintOf, errorOf } from "./support.js";

const Yogi = defineOptimizer(YOGI);

/** Through text, as in a file. */
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const DEFAULTS = {
  name: "rmsprop",
  learning_rate: Math.fround(0.001),
  weight_decay: null,
  clipnorm: null,
  global_clipnorm: null,
  clipvalue: null,
  use_ema: false,
  ema_momentum: 0.99,
  ema_overwrite_frequency: null,
  loss_scale_factor: null,
  gradient_accumulation_steps: null,
  rho: 0.9,
  momentum: 0,
  epsilon: 1e-7,
  centered: false,
};

const EVERYTHING: RMSpropOptions = {
  ...{ learningRate: 0.5, rho: 0.8, momentum: 0.05, epsilon: 1e-6, centered: true, weightDecay: 0.004, clipnorm: 0.1 },
  ...{ useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 3, lossScaleFactor: 8, gradientAccumulationSteps: 2 },
  name: "mine",
};

class Halving extends LearningRateSchedule {
  readonly start: number;

  constructor({ start }: { readonly start: number }) {
    super();
    this.start = start;
  }

  override call(step: number): number {
    return this.start * 0.5 ** step;
  }

  override getConfig(): Record<string, unknown> {
    return { start: this.start };
  }
}

function warmedUp(): number {
  return 0.125;
}

describe("getConfig", () => {
  test("is Keras' config, in Keras' order", () => {
    expect(JSON.stringify(new RMSprop().getConfig())).toBe(JSON.stringify(DEFAULTS));
  });

  test("has every option", () => {
    expect(new RMSprop(EVERYTHING).getConfig()).toEqual({
      ...{
        name: "mine",
        learning_rate: 0.5,
        weight_decay: 0.004,
        clipnorm: 0.1,
        global_clipnorm: null,
        clipvalue: null,
      },
      ...{ use_ema: true, ema_momentum: 0.9, ema_overwrite_frequency: 3, loss_scale_factor: 8 },
      ...{ gradient_accumulation_steps: 2, rho: 0.8, momentum: 0.05, epsilon: 1e-6, centered: true },
    });
  });

  test("has the learning rate of now, as float32", () => {
    const optimizer = new RMSprop();
    optimizer.learningRate = 0.1;
    expect(optimizer.getConfig().learning_rate).toBe(Math.fround(0.1));
  });

  test("has no state: the same before and after training", () => {
    const optimizer = new RMSprop(EVERYTHING);
    const before = optimizer.getConfig();
    optimizer.apply([[1]], [new Float32Array(1)]);
    expect(optimizer.getConfig()).toEqual(before);
  });

  test("is a copy", () => {
    const optimizer = new RMSprop();
    Object.assign(optimizer.getConfig(), { rho: 77 });
    expect(optimizer.getConfig()).toEqual(DEFAULTS);
  });
});

describe("fromConfig", () => {
  test.each<readonly [string, RMSpropOptions]>([
    ["defaults", {}],
    ["every option", EVERYTHING],
    ["options that are off", { clipvalue: 0, emaOverwriteFrequency: 0, gradientAccumulationSteps: 0, weightDecay: 0 }],
  ])("gives the same optimizer back: %s", (_, options) => {
    const config = new RMSprop(options).getConfig();
    const back = RMSprop.fromConfig(throughJson(config));
    expect(back).toBeInstanceOf(RMSprop);
    expect(back.getConfig()).toEqual(config);
  });

  test("takes a part of a config, and defaults for the rest", () => {
    expect(RMSprop.fromConfig({ rho: 0.5 }).getConfig()).toEqual({ ...DEFAULTS, rho: 0.5 });
  });

  test("leaves the config as it is", () => {
    const config = new RMSprop({ learningRate: halvingDecay() }).getConfig();
    const before = throughJson(config);
    RMSprop.fromConfig(config);
    expect(config).toEqual(before);
  });

  test("gives a class of one's own", () => {
    class Mine extends RMSprop {
      readonly extra = 42;
    }
    const mine: Mine = Mine.fromConfig({ rho: 0.5 });
    expect([mine.extra, mine.hyper.rho, mine instanceof Mine]).toEqual([42, 0.5, true]);
  });

  test.each<readonly [string, unknown, string]>([
    ["a misspelt key", { rhoo: 0.5 }, "rhoo"],
    ["a bad value", { rho: 2 }, "rho"],
    ["a string for a number", { learning_rate: "0.1" }, "learningRate"],
    ["null", null, "config"],
    ["undefined", undefined, "config"],
    ["an array", [], "config"],
    ["a string", "rmsprop", "config"],
    ["__proto__ as a key", JSON.parse('{"__proto__": {"rho": 0.1}}'), "__proto__"],
    ["constructor as a key", { constructor: 1 }, "constructor"],
    ["a schedule of no known class", { learning_rate: { class_name: "Typo", config: {} } }, "class_name"],
    ["a schedule called constructor", { learning_rate: { class_name: "constructor", config: {} } }, "class_name"],
    ["a schedule called __proto__", { learning_rate: { class_name: "__proto__", config: {} } }, "class_name"],
    ["the base of schedules", { learning_rate: { class_name: "LearningRateSchedule", config: {} } }, "class_name"],
    ["an optimizer as schedule", { learning_rate: { class_name: "RMSprop", config: {} } }, "class_name"],
    ["a schedule without a name", { learning_rate: { config: {} } }, "learning_rate"],
    [
      "a schedule's bad value",
      { learning_rate: { class_name: "CosineDecay", config: { decay_steps: 0 } } },
      "initialLearningRate",
    ],
    ["a schedule whose config is null", { learning_rate: { class_name: "CosineDecay", config: null } }, "config"],
    ["a function that is not passed along", { learning_rate: functionNamed("warmedUp") }, "learning_rate"],
    ["a function called toString", { learning_rate: functionNamed("toString") }, "learning_rate"],
    ["a serialized object", serialize(new RMSprop()), "config"],
  ])("refuses %s", (_, config, argument) => {
    const error = errorOf(() => RMSprop.fromConfig(config as KerasConfig));
    expect([RangeError, TypeError]).toContain(error.constructor);
    expect(complaintOf(error.message)).toMatchObject({ argument });
  });
});

const decays: readonly schedules.LearningRateSchedule[] = [
  halvingDecay(),
  new schedules.PiecewiseConstantDecay({ boundaries: [10, 20], values: [1, 2, 3] }),
  new schedules.PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 100, cycle: true, power: 0.5 }),
  new schedules.InverseTimeDecay({ initialLearningRate: 0.05, decaySteps: 10, decayRate: 0.96, staircase: true }),
  new schedules.CosineDecay({
    initialLearningRate: 0.05,
    decaySteps: 10,
    alpha: 0.1,
    warmupTarget: 0.2,
    warmupSteps: 2,
  }),
  new schedules.CosineDecayRestarts({ initialLearningRate: 0.05, firstDecaySteps: 10, tMul: 3, mMul: 4, alpha: 0.1 }),
];

function halvingDecay(): schedules.ExponentialDecay {
  return new schedules.ExponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5, name: "halving" });
}

/** A function in Keras' JSON. */
function functionNamed(name: string): SerializedObject {
  return { module: "builtins", class_name: "function", config: name, registered_name: "function" };
}

describe("the learning rate of a config", () => {
  test.each(decays)("is a schedule again: $name", (schedule) => {
    const optimizer = new RMSprop({ learningRate: schedule });
    const config = throughJson(optimizer.getConfig());
    expect(config.learning_rate).toEqual({
      module: "keras.optimizers.schedules",
      class_name: schedule.constructor.name,
      config: schedule.getConfig(),
      registered_name: null,
    });
    const back = RMSprop.fromConfig(config);
    expect(back.getConfig()).toEqual(config);
    const v = new Float32Array(1);
    for (let step = 0; step < 3; step++) {
      expect(back.learningRate).toBe(schedule.call(step));
      back.apply([[1]], [v]);
    }
  });

  test("may be a schedule object instead of its config", () => {
    const schedule = halvingDecay();
    const optimizer = RMSprop.fromConfig({ learning_rate: schedule });
    expect(optimizer.learningRate).toBe(schedule.call(0));
    expect(optimizer.getConfig()).toEqual(new RMSprop({ learningRate: schedule }).getConfig());
  });

  test("is a class of one's own again, through customObjects", () => {
    const config = throughJson(new RMSprop({ learningRate: new Halving({ start: 2 }) }).getConfig());
    expect(config.learning_rate).toEqual({
      ...{ module: null, class_name: "Halving", config: { start: 2 }, registered_name: "Halving" },
    });
    const back = RMSprop.fromConfig(config, { Halving });
    expect([back.learningRate, back.getConfig()]).toEqual([2, config]);
    const error = errorOf(() => RMSprop.fromConfig(config));
    expect(error.message).toMatch(
      /^RMSprop: class_name must be a known class; received class_name="Halving"\. .*customObjects\.$/,
    );
  });

  test("is a function again, through customObjects", () => {
    const config = throughJson(new RMSprop({ learningRate: warmedUp }).getConfig());
    expect(config.learning_rate).toEqual(functionNamed("warmedUp"));
    expect(RMSprop.fromConfig(config, { warmedUp }).learningRate).toBe(0.125);
  });

  test("of a function is its name: saving says so once, and loading without it what to pass", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const coolingDown = (): number => 0.25;
    const optimizer = new RMSprop({ learningRate: coolingDown });
    const [config] = [optimizer.getConfig(), optimizer.getConfig()];
    const said =
      'RMSprop: of learningRate, a function, only the name "coolingDown" is saved. ' +
      "Pass it under that name in customObjects where it is loaded.";
    expect(warn.mock.calls).toEqual([[said]]);
    vi.restoreAllMocks();
    expect(errorOf(() => RMSprop.fromConfig(config)).message).toBe(
      "RMSprop: learning_rate must be a function that is passed along, since only its name was saved; " +
        'received learning_rate="coolingDown". Pass it under this name in customObjects, or to register() of "rmsprop/tfjs".',
    );
  });

  test("cannot be a function without a name, and the message says what to do", () => {
    const error = errorOf(() => new RMSprop({ learningRate: () => 0.1 }).getConfig());
    expect(error.message).toMatch(/^RMSprop: a function without a name cannot be written as JSON\. Name it, or .+\.$/);
  });

  test("cannot be a schedule of one's own that does not say how it is made", () => {
    class Silent extends LearningRateSchedule {
      override call(): number {
        return 1;
      }
    }
    const error = errorOf(() => new RMSprop({ learningRate: new Silent() }).getConfig());
    expect(error.message).toBe(
      "Silent: getConfig must be overridden to save this schedule. Return the constructor's options.",
    );
  });
});

describe("serialize and deserialize", () => {
  test("write and read what Keras writes", () => {
    const serialized = serialize(new RMSprop(EVERYTHING));
    expect(throughJson(serialized)).toEqual({
      module: "keras.optimizers",
      class_name: "RMSprop",
      config: new RMSprop(EVERYTHING).getConfig(),
      registered_name: null,
    });
    const back = deserialize(throughJson(serialized));
    expect(back).toBeInstanceOf(RMSprop);
    expect(back.getConfig()).toEqual(new RMSprop(EVERYTHING).getConfig());
  });

  test("read Keras' own file, build_config and compile_config included", () => {
    const fromFile = {
      ...serialize(new RMSprop({ rho: 0.5 })),
      build_config: { input_shape: null },
      shared_object_id: 7,
    };
    expect(deserialize(fromFile).getConfig()).toMatchObject({ rho: 0.5 });
  });

  test("keep an optimizer within a LossScaleOptimizer", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop({ learningRate: halvingDecay() }), {
      ...{ initialScale: 4, dynamicGrowthSteps: 7, name: "scaled" },
    });
    const serialized = throughJson(serialize(optimizer));
    expect(serialized).toEqual({
      module: "keras.optimizers",
      class_name: "LossScaleOptimizer",
      config: {
        name: "scaled",
        inner_optimizer: serialize(optimizer.innerOptimizer),
        initial_scale: 4,
        dynamic_growth_steps: 7,
      },
      registered_name: null,
    });
    const back = deserialize(serialized);
    expect(back).toBeInstanceOf(LossScaleOptimizer);
    expect(serialize(back)).toEqual(serialized);
  });

  test("keep a class of one's own, through customObjects", () => {
    const serialized = throughJson(serialize(new Yogi({ learningRate: 0.5 })));
    expect(serialized).toMatchObject({ module: null, class_name: "Yogi", registered_name: "Yogi" });
    const back = deserialize(serialized, { Yogi });
    expect(back).toBeInstanceOf(Yogi);
    expect(back.learningRate).toBe(0.5);
    expect(errorOf(() => deserialize(serialized))).toBeInstanceOf(RangeError);
  });

  test("keep one's own class, schedule and function within a LossScaleOptimizer, through customObjects", () => {
    const customObjects: CustomObjects = { Yogi, Halving, warmedUp };
    for (const learningRate of [new Halving({ start: 2 }), warmedUp]) {
      const serialized = throughJson(serialize(new LossScaleOptimizer(new Yogi({ learningRate }))));
      expect(serialize(deserialize(serialized, customObjects))).toEqual(serialized);
    }
  });

  test("do not care about the case of a class name, as Keras does not", () => {
    for (const class_name of ["rmsprop", "RMSProp", "RMSPROP"])
      expect(deserialize({ class_name })).toBeInstanceOf(RMSprop);
  });

  test.each<readonly [string, unknown, string]>([
    ["an unknown class", { class_name: "Typo", config: {} }, "class_name"],
    ["a misspelt class", { class_name: "RMSpop", config: {} }, "class_name"],
    ["an optimizer of Keras that is not here", { class_name: "Adafactor", config: {} }, "class_name"],
    ["constructor", { class_name: "constructor", config: {} }, "class_name"],
    ["__proto__", { class_name: "__proto__", config: {} }, "class_name"],
    ["toString", { class_name: "toString", config: {} }, "class_name"],
    ["a schedule", { class_name: "CosineDecay", config: {} }, "class_name"],
    ["a class name that is no string", { class_name: 7, config: {} }, "config"],
    ["no class name", { config: {} }, "config"],
    ["a config that is no object", { class_name: "RMSprop", config: "rho" }, "config"],
    ["a null config", { class_name: "RMSprop", config: null }, "config"],
    ["nothing", undefined, "config"],
    ["null", null, "config"],
    ["a string", "rmsprop", "config"],
    ["an inner optimizer that is missing", { class_name: "LossScaleOptimizer", config: {} }, "inner_optimizer"],
    [
      "an inner optimizer of no known class",
      { class_name: "LossScaleOptimizer", config: { inner_optimizer: { class_name: "Typo" } } },
      "class_name",
    ],
    [
      "a scale as inner optimizer",
      {
        class_name: "LossScaleOptimizer",
        config: { inner_optimizer: serialize(new LossScaleOptimizer(new RMSprop())) },
      },
      "innerOptimizer",
    ],
  ])("refuse %s", (_, config, argument) => {
    const error = errorOf(() => deserialize(config));
    expect([RangeError, TypeError]).toContain(error.constructor);
    expect(complaintOf(error.message)).toMatchObject({ argument });
  });

  test("say which class was probably meant", () => {
    expect(errorOf(() => deserialize({ class_name: "RMSpop" })).message).toBe(
      'deserialize: class_name must be a known class; received class_name="RMSpop". Did you mean RMSprop? Pass classes of your own in customObjects.',
    );
  });

  test("run nothing that a config names, and change no prototype", () => {
    const evil = JSON.parse(
      '{"class_name": "RMSprop", "config": {"__proto__": {"polluted": true}}, "__proto__": {"a": 1}}',
    );
    errorOf(() => deserialize(evil));
    expect("polluted" in {}).toBe(false);
    for (const class_name of ["Function", "eval", "Object", "process"]) {
      expect(errorOf(() => deserialize({ class_name, config: "globalThis.polluted = true" }))).toBeInstanceOf(
        RangeError,
      );
    }
    expect("polluted" in globalThis).toBe(false);
  });

  test("refuse a custom object that is no optimizer", () => {
    const Impostor = Object.assign(() => undefined, { fromConfig: () => ({}) });
    const error = errorOf(() => deserialize({ class_name: "Impostor" }, { Impostor }));
    expect(complaintOf(error.message)).toMatchObject({ owner: "deserialize", argument: "config" });
  });

  test.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a config", { class_name: "RMSprop" }],
    ["a class", RMSprop],
    ["a schedule", halvingDecay()],
  ])("serialize refuses %s", (_, optimizer) => {
    const error = errorOf(() => serialize(optimizer as RMSprop));
    expect(complaintOf(error.message)).toMatchObject({ owner: "serialize", argument: "optimizer" });
  });
});

describe("get", () => {
  test("gives an optimizer from its name, in any case", () => {
    for (const name of ["rmsprop", "RMSprop"]) {
      const optimizer = get(name);
      expect(optimizer).toBeInstanceOf(RMSprop);
      expect(optimizer).toBeInstanceOf(Optimizer);
      expect(optimizer.getConfig()).toEqual(DEFAULTS);
    }
  });

  test("gives an optimizer from its config", () => {
    expect(get(serialize(new RMSprop(EVERYTHING))).getConfig()).toEqual(new RMSprop(EVERYTHING).getConfig());
  });

  test("gives an optimizer itself back", () => {
    const [optimizer, scaled] = [new RMSprop(), new LossScaleOptimizer(new RMSprop())];
    expect(get(optimizer)).toBe(optimizer);
    expect(get(scaled)).toBe(scaled);
  });

  test.each<readonly [string, unknown]>([
    ["typo", "typo"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
    ["an empty string", ""],
    ["null, where Keras gives None", null],
    ["nothing", undefined],
    ["a number", 1],
    ["the class", RMSprop],
  ])("refuses %s", (_, identifier) => {
    const error = errorOf(() => get(identifier as string));
    expect([RangeError, TypeError]).toContain(error.constructor);
    expect(complaintOf(error.message)).toMatchObject({ received: expect.anything() });
  });
});

test("constraints and schedules come back from their own configs", () => {
  const all = [
    ...decays,
    new constraints.NonNeg(),
    new constraints.MaxNorm({ maxValue: 3, axis: [0, 1] }),
    new constraints.UnitNorm({ axis: null }),
    new constraints.MinMaxNorm({ minValue: 0.5, maxValue: 2, rate: 0.5, axis: -1 }),
  ];
  for (const each of all) {
    const type = each.constructor as unknown as { fromConfig(config: object): object };
    expect(type.fromConfig(throughJson(each.getConfig()))).toEqual(each);
  }
});
