// Counterparts of Keras' keras/src/optimizers/loss_scale_optimizer_test.py, each named by its test, with Keras' numbers.
// Most run twice, as there: by apply, and by statelessApply.
import { type Gradient, LossScaleOptimizer, type LossScaleOptions, RMSprop, SGD, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { complaintOf, errorOf, onEveryEngine } from "../contract/support.js";
import { expectGolden } from "./golden.js";

const STATELESS = [
  ["stateful", false],
  ["stateless", true],
] as const;

const scaled = (options?: LossScaleOptions, lossScaleFactor: number | null = null): LossScaleOptimizer =>
  new LossScaleOptimizer(new SGD({ learningRate: 0.5, lossScaleFactor }), options);

/** One call; the variable keeps its value when it is stateless, as the state does unless `keep` puts it back. */
function step(optimizer: LossScaleOptimizer, stateless: boolean, gradient: Gradient, v: Variable): ArrayLike<number> {
  if (!stateless) {
    optimizer.apply([gradient], [v]);
    return v.value;
  }
  optimizer.build([v]);
  const state = optimizer.variables.map(({ value }) => value.slice());
  const [[trained], own] = optimizer.statelessApply(state, [gradient], [v]);
  optimizer.variables.forEach((variable, i) => {
    variable.assign(own[i] ?? []);
  });
  return trained ?? [];
}

const GRADIENT = [1, 6, 7, 2];
const times = (factor: number): number[] => GRADIENT.map((g) => g * factor);
const INFINITE = [Infinity, Infinity, Infinity, Infinity];

onEveryEngine(() => {
  test("test_config: a config gives the same optimizer back", () => {
    const inner = new RMSprop({ learningRate: 0.5, momentum: 0.06, weightDecay: 0.004 });
    const config = new LossScaleOptimizer(inner).getConfig();
    expect(LossScaleOptimizer.fromConfig(JSON.parse(JSON.stringify(config))).getConfig()).toEqual(config);
  });

  test("test_apply_with_no_vars: a built optimizer needs no variables", () => {
    const optimizer = scaled();
    const v = new Variable([1, 2, 3, 4]);
    optimizer.build([v]);
    optimizer.apply([times(optimizer.initialScale)]);
    expectGolden(v.value, [0.5, -1, -0.5, 3]);
  });

  describe.each(STATELESS)("%s", (_, stateless) => {
    const fresh = (overwriteWithGradient = false): Variable => new Variable([1, 2, 3, 4], { overwriteWithGradient });

    test("test_finite_step", () => {
      const optimizer = scaled();
      expectGolden(step(optimizer, stateless, times(optimizer.initialScale), fresh()), [0.5, -1, -0.5, 3]);
    });

    test("test_finite_step_with_inner_loss_scale: the factor of the optimizer within does not interfere", () => {
      const optimizer = scaled({}, 100);
      expectGolden(step(optimizer, stateless, times(optimizer.initialScale), fresh()), [0.5, -1, -0.5, 3]);
    });

    test("test_infinite_step: nothing moves", () => {
      expectGolden(step(scaled(), stateless, INFINITE, fresh()), [1, 2, 3, 4]);
    });

    test("test_finite_step_with_overwrite: the gradient is the value", () => {
      expectGolden(step(scaled(), stateless, GRADIENT, fresh(true)), GRADIENT);
    });

    test("test_downscaling: four infinite steps from 400 end at 25", () => {
      const [optimizer, v] = [scaled({ initialScale: 400 }), fresh()];
      for (let call = 0; call < 4; call++) step(optimizer, stateless, INFINITE, v);
      expect(optimizer.scaleLoss(1)).toBe(25);
    });

    test("test_upscaling: eight steps from 2, doubling every second, end at 32", () => {
      const [optimizer, v] = [scaled({ initialScale: 2, dynamicGrowthSteps: 2 }), fresh()];
      for (let call = 0; call < 8; call++) step(optimizer, stateless, GRADIENT, v);
      expect(optimizer.scaleLoss(1)).toBe(32);
    });

    test("test_iterations_update: steps are counted", () => {
      const [optimizer, v] = [scaled(), fresh()];
      expect(optimizer.iterations).toBe(0);
      for (const iterations of [1, 2, 3]) {
        step(optimizer, stateless, GRADIENT, v);
        expect(optimizer.iterations).toBe(iterations);
      }
    });
  });

  test("test_serialization: four entries, which make it again", () => {
    const inner = new RMSprop({ learningRate: 0.5 });
    const optimizer = new LossScaleOptimizer(inner, { initialScale: 3, dynamicGrowthSteps: 2, name: "test_opt" });
    const config = optimizer.getConfig();
    expect(Object.keys(config)).toHaveLength(4);
    expect(config).toMatchObject({ name: "test_opt", initial_scale: 3, dynamic_growth_steps: 2 });
    expect(LossScaleOptimizer.fromConfig(config).getConfig()).toEqual(config);
  });

  test("test_init_dynamic_arg: an argument of older versions is refused by name", () => {
    const error = errorOf(() => scaled({ dynamic: false } as LossScaleOptions));
    expect(complaintOf(error.message)).toMatchObject({ argument: "dynamic", received: "false" });
  });

  test("test_init_unsupported_arg: so is any other", () => {
    const error = errorOf(() => scaled({ foo: true, bar: 3 } as LossScaleOptions));
    expect(complaintOf(error.message)).toMatchObject({ argument: "foo", received: "true" });
  });

  test.each([
    ["weightDecay", 0.5],
    ["clipnorm", 0.5],
    ["globalClipnorm", 0.5],
    ["clipvalue", 0.5],
    ["useEma", true],
    ["emaMomentum", 0.5],
    ["emaOverwriteFrequency", 2],
    ["lossScaleFactor", 0.5],
    ["gradientAccumulationSteps", 2],
  ])("test_init_base_optimizer_unsupported_args: %s belongs to the optimizer within", (name, value) => {
    const error = errorOf(() => scaled({ [name]: value }));
    expect(complaintOf(error.message)).toMatchObject({ argument: name, received: `${value}` });
    expect(error.message).toContain(`Set ${name} on the inner optimizer.`);
  });

  const OLD_ARGUMENTS = {
    ...{ weight_decay: null, clipnorm: null, global_clipnorm: null, clipvalue: null, use_ema: false },
    ...{
      ema_momentum: 0.99,
      ema_overwrite_frequency: null,
      loss_scale_factor: null,
      gradient_accumulation_steps: null,
    },
  };
  const oldConfig = {
    name: "loss_scale_optimizer",
    ...OLD_ARGUMENTS,
    inner_optimizer: {
      module: "keras.optimizers",
      class_name: "RMSprop",
      config: {
        name: "RMSprop",
        learning_rate: 0.5,
        ...OLD_ARGUMENTS,
        rho: 0.9,
        momentum: 0,
        epsilon: 1e-7,
        centered: false,
      },
      registered_name: null,
    },
    initial_scale: 2,
    dynamic_growth_steps: 2,
  };

  test("test_deserialization_backwards_compatibility: a config of older versions with all defaults is taken", () => {
    expect(LossScaleOptimizer.fromConfig(oldConfig)).toMatchObject({ initialScale: 2, dynamicGrowthSteps: 2 });
  });

  test.each([
    ["weight_decay", 0.5],
    ["use_ema", true],
    ["ema_momentum", 0.5],
    ["gradient_accumulation_steps", 2],
  ])("a config of older versions with another %s is refused, as in Keras", (name, value) => {
    expect(errorOf(() => LossScaleOptimizer.fromConfig({ ...oldConfig, [name]: value })).message).toContain(
      "inner optimizer",
    );
  });
});
