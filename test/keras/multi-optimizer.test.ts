// Counterparts of Keras' keras/src/optimizers/multi_optimizer_test.py, each named by its test, with Keras' numbers. Paths of
// Variables are their names, which have no scopes. Those of fit and of callbacks are in test/tfjs.
import {
  Adam,
  deserialize,
  LossScaleOptimizer,
  MultiOptimizer,
  OptimizerMap,
  RMSprop,
  SGD,
  serialize,
  Variable,
} from "rmsprop";
import { describe, expect, test } from "vitest";
import { complaintOf, errorOf, onEveryEngine } from "../contract/support.js";
import { expectGolden } from "./golden.js";

const named = (name: string, value: number[][] = [[1]]): Variable => new Variable(value, { name });
const sgd = (learningRate: number, lossScaleFactor: number | null = null): SGD =>
  new SGD({ learningRate, lossScaleFactor });

onEveryEngine(() => {
  test("test_optimizer_map_matching: expressions match whole paths, and two at once are an error", () => {
    const [adam, other, fallback] = [new Adam(), sgd(0.01), new RMSprop()];
    const map = new OptimizerMap(fallback).set("^dense_.*", adam).set("^conv_.*", other);
    expect(["dense_kernel", "conv_kernel", "bias", "my_dense_kernel"].map((path) => map.get(path))).toEqual([
      adam,
      other,
      fallback,
      fallback,
    ]);
    const both = new OptimizerMap(fallback, { ".*kernel.*": adam, ".*dense.*": other });
    expect(complaintOf(errorOf(() => both.get("dense_kernel")).message)).toEqual({
      ...{ owner: "OptimizerMap", argument: "path", received: '"dense_kernel"' },
      requirement: 'match one key; ".*kernel.*" and ".*dense.*" match it',
      remedy: 'Make one of them narrower, or add the key "dense_kernel" itself, which wins.',
    });
    expect(both.set("dense_kernel", adam).get("dense_kernel")).toBe(adam);
  });

  test("test_multi_optimizer_initialization: its optimizers are those of the map, and the default last", () => {
    const [adam, other, fallback] = [new Adam(), sgd(0.01), new RMSprop()];
    const multi = new MultiOptimizer(
      new OptimizerMap(fallback, { "^dense_1_.*": adam, "^dense_2_.*": other, x: adam }),
    );
    multi.build([named("dense_1_kernel"), named("dense_2_kernel"), named("x"), named("other")]);
    expect(multi.optimizers).toEqual([adam, other, fallback]);
  });

  test("test_default_fallback, test_stateful_apply: each part moves its own variables at its own rate", () => {
    const variables = [named("dense_1", [[2, 2]]), named("dense_2", [[3, 3]]), named("other", [[4, 4]])];
    const multi = new MultiOptimizer(new OptimizerMap(sgd(0), { "^dense_1": sgd(0.1), "^dense_2": sgd(1) }));
    multi.build(variables);
    multi.apply(variables.map(() => [[1, 1]]));
    for (const [i, golden] of [1.9, 2, 4].entries()) expectGolden(variables[i]?.value ?? [], [golden, golden]);
    expect([multi, ...multi.optimizers].map(({ iterations }) => iterations)).toEqual([1, 1, 1, 1]);
  });

  test("test_stateless_apply", () => {
    const variables = [named("dense_1", [[2, 2]]), named("dense_2", [[3, 3]])];
    const multi = new MultiOptimizer(new OptimizerMap(sgd(1), { dense_1: sgd(0.1) }));
    multi.build(variables);
    const state = multi.variables.map(({ value }) => value.slice());
    const [trained, own] = multi.statelessApply(state, [[[1, 1]], [[1, 1]]], variables);
    expectGolden(trained[0] ?? [], [1.9, 1.9]);
    expectGolden(trained[1] ?? [], [2, 2]);
    expect(own.map(([first]) => first)).toEqual([1, 0, 1, Math.fround(0.1), 1, 1]);
    expect([multi, ...multi.optimizers].map(({ iterations }) => iterations)).toEqual([0, 0, 0]);
  });

  test("test_loss_scaling, test_gradient_unscaling: its loss scale is that of all parts", () => {
    const parts = { "^a_.*": new Adam({ lossScaleFactor: 3 }), "^b_.*": sgd(0.01, 4) };
    const multi = new MultiOptimizer(new OptimizerMap(new RMSprop({ lossScaleFactor: 8 }), parts), {
      lossScaleFactor: 5,
    });
    expect(multi.scaleLoss(2)).toBe(10);
    expect(multi.optimizers.map(({ lossScaleFactor }) => lossScaleFactor)).toEqual([5, 5, 5]);
    const own = sgd(0.1, 2);
    const single = new MultiOptimizer(new OptimizerMap(own, { "^dense_1_.*": own }), { lossScaleFactor: 5 });
    const v = named("dense_1_kernel", [[2, 2]]);
    single.apply([[[10, 10]]], [v]);
    expectGolden(v.value, [1.8, 1.8]);
    single.lossScaleFactor = null;
    expect(own.lossScaleFactor).toBeNull();
  });

  test("test_custom_callable_function: parts are those that the function gives, in the order of the variables", () => {
    const [adam, other] = [new Adam(), sgd(0.01)];
    const multi = new MultiOptimizer((variable) =>
      variable instanceof Variable && variable.path.includes("dense_1") ? adam : other,
    );
    const variables = [named("dense_1_kernel"), named("dense_2_kernel")];
    multi.build(variables);
    expect(multi.optimizers).toEqual([adam, other]);
    multi.apply([[[1]], [[1]]], variables);
    expectGolden(variables[1]?.value ?? [], [0.99]);
  });

  test("test_multi_optimizer_wrapped_in_loss_scale_optimizer", () => {
    const parts = [sgd(0.1), sgd(0.1)] as const;
    const multi = new MultiOptimizer(new OptimizerMap(parts[0], { "^dense_1": parts[1] }), { lossScaleFactor: 5 });
    const scaled = new LossScaleOptimizer(multi, { initialScale: 10, dynamicGrowthSteps: 1000 });
    const variables = [named("dense_1", [[2, 2]]), named("dense_2", [[2, 2]])];
    scaled.build(variables);
    expect([multi, ...parts].map(({ lossScaleFactor }) => lossScaleFactor)).toEqual([null, null, null]);
    expect(scaled.scaleLoss(2)).toBe(20);
    scaled.apply([[[10, 10]], [[10, 10]]]);
    for (const { value } of variables) expectGolden(value, [1.9, 1.9]);
    scaled.apply([[[10, 10]], [[10, Infinity]]]);
    expect([scaled.dynamicScale, multi.iterations, ...parts.map(({ iterations }) => iterations)]).toEqual([5, 1, 1, 1]);
    const message = "MultiOptimizer: it has no learningRate to read. Take those of its parts, in optimizers.";
    expect(errorOf(() => scaled.learningRate).message).toBe(message);
  });
});

test("test_serialization: Keras' JSON gives the same optimizer back", () => {
  const map = new OptimizerMap(new RMSprop({ learningRate: 1e-4 }), {
    "^dense_1_.*": new Adam({ learningRate: 1e-3 }),
    "^dense_2_.*": sgd(1e-2),
  });
  const multi = new MultiOptimizer(map);
  const config = JSON.parse(JSON.stringify(serialize(multi)));
  // As Keras 3.15.1 writes it.
  expect(config).toMatchObject({
    ...{ module: "keras.optimizers", class_name: "MultiOptimizer", registered_name: null },
    config: { loss_scale_factor: null, name: "multi_optimizer", optimizer_map: { class_name: "OptimizerMap" } },
  });
  expect(Object.keys(config.config)).toEqual(["optimizer_map", "loss_scale_factor", "name"]);
  const again = deserialize(config) as MultiOptimizer; // the class that the config names
  again.build([named("dense_1_kernel"), named("dense_2_kernel"), named("other")]);
  expect(again.optimizers.map(({ className, iterations }) => [className, iterations])).toEqual([
    ["Adam", 0],
    ["SGD", 0],
    ["RMSprop", 0],
  ]);
  expect(again.getConfig()).toEqual(multi.getConfig());
  expect((MultiOptimizer.fromConfig(multi.getConfig()).optimizerMap as OptimizerMap).size).toBe(2);
});

describe("test_multi_optimizer_blocks_nested_optimizers", () => {
  const nested = [
    ["LossScaleOptimizer", () => new LossScaleOptimizer(sgd(0.1))],
    ["MultiOptimizer", () => new MultiOptimizer(new OptimizerMap(sgd(0.1)))],
  ] as const;

  test.each(nested)("a %s is no part, wherever it comes from", (name, create) => {
    const wrong = create() as unknown as SGD; // which the types refuse
    const requirement = `not be a ${name}`;
    const places = [
      () => new OptimizerMap(sgd(0.1)).set(".*", wrong),
      () => new OptimizerMap(sgd(0.1), { ".*": wrong }),
      () => new OptimizerMap(wrong),
      () => new MultiOptimizer(() => wrong).build([named("v")]),
    ];
    for (const place of places) expect(complaintOf(errorOf(place).message)).toMatchObject({ requirement });
  });
});
