// Counterparts of Keras' keras/src/optimizers/rmsprop_test.py, each named by its test. The numbers are those of a run of
// Keras 3.15.1 on NumPy, in every bit; Keras' own tests ask for four digits of them.
import { RMSprop, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { onEveryEngine } from "../contract/support.js";
import { expectGolden } from "./golden.js";

onEveryEngine(() => {
  test("test_config: a config gives the same optimizer back", () => {
    const optimizer = new RMSprop({ learningRate: 0.5, rho: 0.8, momentum: 0.05, epsilon: 1e-6, centered: true });
    const config = optimizer.getConfig();
    const revived = RMSprop.fromConfig(JSON.parse(JSON.stringify(config)));
    expect(revived.getConfig()).toEqual(config);
    expect(config).toEqual({
      ...{ name: "rmsprop", learning_rate: 0.5, weight_decay: null, clipnorm: null, global_clipnorm: null },
      ...{ clipvalue: null, use_ema: false, ema_momentum: 0.99, ema_overwrite_frequency: null },
      ...{ loss_scale_factor: null, gradient_accumulation_steps: null },
      ...{ rho: 0.8, momentum: 0.05, epsilon: 1e-6, centered: true },
    });
  });

  test("test_single_step: one step from 1, 2, 3, 4", () => {
    const v = new Variable([1, 2, 3, 4]);
    new RMSprop({ learningRate: 0.5 }).applyGradients([[[1, 6, 7, 2], v]]);
    expectGolden(v.value, [-0.58113813, 0.41886115, 1.4188613, 2.4188614]);
  });

  test("test_weight_decay: three optimizers, exclusion by name and by variable", () => {
    const [v1, v2, v3] = [new Variable(2), new Variable(2, { name: "exclude" }), new Variable(2)];
    const options = { learningRate: 1, weightDecay: 0.004 };
    new RMSprop(options).applyGradients([[0, v1]]);
    expectGolden(v1.value, [1.992]);
    const byName = new RMSprop(options);
    byName.excludeFromWeightDecay({ names: ["exclude"] });
    byName.applyGradients([
      [0, v1],
      [0, v2],
    ]);
    expectGolden(v1.value, [1.984032]);
    const byVariable = new RMSprop(options);
    byVariable.excludeFromWeightDecay({ variables: [v3] });
    byVariable.applyGradients([
      [0, v1],
      [0, v3],
    ]);
    expectGolden([v1.item(), v2.item(), v3.item()], [1.9760959, 2, 2]);
  });

  test("test_correctness_with_golden: six centered steps", () => {
    const optimizer = new RMSprop({ centered: true });
    const x = new Variable(new Float32Array(10).fill(1));
    const gradients = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.70000005, 0.8, 0.90000004, 1];
    const golden = [
      new Array<number>(10).fill(0.996685),
      [0.9933336, 0.99333876, 0.9933422, 0.9933443, 0.9933456, 0.9933466, 0.9933472, 0.99334776, 0.9933482, 0.99334854],
      [0.99076504, 0.99077845, 0.9907853, 0.99078923, 0.9907917, 0.9907934, 0.99079466, 0.9907956, 0.9907964, 0.990797],
      [
        0.98849636, 0.98851824, 0.9885284, 0.988534, 0.9885375, 0.98853993, 0.98854166, 0.98854303, 0.9885441,
        0.98854494,
      ],
      [
        0.98637277, 0.98640317, 0.9864164, 0.9864237, 0.98642814, 0.98643124, 0.9864335, 0.98643523, 0.98643655,
        0.9864376,
      ],
      [
        0.984321, 0.9843599, 0.98437625, 0.98438513, 0.98439056, 0.9843943, 0.98439705, 0.98439914, 0.98440075,
        0.984402,
      ],
    ];
    golden.forEach((expected, step) => {
      optimizer.applyGradients([[step === 0 ? new Array<number>(10).fill(0.01) : gradients, x]]);
      expectGolden(x.value, expected);
    });
  });

  test("test_clip_norm: a gradient of 100, 100 is clipped to the norm 1", () => {
    const [clipped, plain] = [new Variable([0, 0]), new Variable([0, 0])];
    const golden = [0.70710677, 0.70710677];
    const optimizers = [new RMSprop({ clipnorm: 1 }), new RMSprop()] as const;
    optimizers[0].apply([[100, 100]], [clipped]);
    optimizers[1].apply([golden], [plain]);
    expect(clipped.toArray()).toEqual(plain.toArray());
    expect([...(optimizers[0].variables[2]?.value ?? [])]).toEqual([...(optimizers[1].variables[2]?.value ?? [])]);
  });

  test("test_clip_value: a gradient of 100, 100 is clipped to 1, 1", () => {
    const [clipped, plain] = [new Variable([0, 0]), new Variable([0, 0])];
    new RMSprop({ clipvalue: 1 }).apply([[100, 100]], [clipped]);
    new RMSprop().apply([[1, 1]], [plain]);
    expect(clipped.toArray()).toEqual(plain.toArray());
  });

  test("the example of the class: minimize ends at 9.683772", () => {
    const v = new Variable(10);
    new RMSprop({ learningRate: 0.1 }).minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
    expect(`${v}`).toBe("9.683772");
  });
});
