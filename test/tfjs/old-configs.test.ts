// Optimizer configs of older Keras, and of tf.train.rmsprop, in which decay is another thing: on their own and in saved models.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { LossScaleOptimizer, RMSprop } from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { loaded, optimizerConfig, saved } from "./files.js";
import { compiled } from "./models.js";

const LEGACY = {
  ...{ name: "RMSprop", learning_rate: 0.001, decay: 0, rho: 0.95, momentum: 0, epsilon: 1e-7, centered: false },
};
const WRITTEN_OUT = /^RMSprop: decay must be 0 or null, .*"class_name":"InverseTimeDecay".*"decay_rate":0\.000001/;

/** With all keys in camelCase, as TensorFlow.js hands a config over. */
const CAMEL_CASE = { ...{ name: "RMSprop", learningRate: 0.001, decay: 0, rho: 0.95 }, momentum: 0, epsilon: 1e-7 };

describe("a config of Keras 2", () => {
  test.each([
    ["as it was written", () => RMSprop.fromConfig(LEGACY)],
    ["as TensorFlow.js hands it over", () => RMSprop.fromConfig(RMSprop, CAMEL_CASE)],
  ])("keeps its rho, and a decay of 0 means nothing: %s", (_, create) => {
    const config = create().getConfig();
    expect(config).toMatchObject({ rho: 0.95, name: "RMSprop", learning_rate: Math.fround(0.001) });
    expect(config).not.toHaveProperty("decay");
  });

  test.each([
    ["as it was written", () => RMSprop.fromConfig({ ...LEGACY, decay: 1e-6 })],
    ["as TensorFlow.js hands it over", () => RMSprop.fromConfig(RMSprop, { ...CAMEL_CASE, decay: 1e-6 })],
    ["inside a LossScaleOptimizer", () => scaled({ ...LEGACY, decay: 1e-6 })],
  ])("with another decay is refused, and the schedule written out: %s", (_, create) => {
    expect(create).toThrow(RangeError);
    expect(create).toThrow(WRITTEN_OUT);
    expect(create).not.toThrow(/call it rho/);
  });

  test.each([
    ["as it is spelt in the file", () => RMSprop.fromConfig(RMSprop, { jitCompile: false }), "jit_compile"],
    ["as it is spelt in a call", () => RMSprop.fromConfig({ jitCompile: false }), "jitCompile"],
    ["as it is spelt in Keras", () => RMSprop.fromConfig({ jit_compile: false }), "jit_compile"],
  ])("with a key that Keras 3 refuses is refused by the key %s", (_, create, key) => {
    expect(create).toThrow(`RMSprop: ${key} must be a known argument; received ${key}=false. Leave it out: Keras 3`);
  });

  test("of a LossScaleOptimizer may be dynamic, and have base arguments at their defaults", () => {
    const optimizer = scaled(LEGACY, { dynamic: true, weight_decay: null, use_ema: false });
    expect([optimizer.dynamicScale, optimizer.innerOptimizer.getConfig().rho]).toEqual([128, 0.95]);
    expect(() => scaled(LEGACY, { dynamic: false })).toThrow(/set loss_scale_factor on the inner optimizer/);
    expect(() => scaled(LEGACY, { weight_decay: 0.1 })).toThrow(/weight_decay must not be set here/);
  });

  test("in a saved model is loaded, or refused with the schedule written out", async () => {
    await startBackend("cpu");
    const optimizer = new RMSprop();
    const model = compiled(optimizer);
    const text = await saved(model);
    const own = JSON.stringify(optimizerConfig(text).config);
    const withConfig = (config: object): string => text.replace(own, JSON.stringify(config));
    const again = await loaded(withConfig(LEGACY));
    expect(again.optimizer.getConfig()).toMatchObject({ rho: 0.95 });
    for (const made of [again, again.optimizer, model, optimizer]) made.dispose();
    await expect(loaded(withConfig({ ...LEGACY, decay: 1e-6 }))).rejects.toThrow(WRITTEN_OUT);
    tf.disposeVariables(); // of the model that was half loaded
  });
});

function scaled(inner: object, more: object = {}): LossScaleOptimizer {
  const inner_optimizer = { class_name: "RMSprop", config: inner };
  return LossScaleOptimizer.fromConfig({ inner_optimizer, initial_scale: 128, dynamic_growth_steps: 10, ...more });
}

describe("a config of tf.train.rmsprop", () => {
  test("calls rho decay: it is known by what is always in it, and by the rho that never is", () => {
    const theirs = tf.train.rmsprop(0.05, 0.8, 0.9, 1e-3, true).getConfig();
    expect(Object.keys(theirs)).toEqual(["learningRate", "decay", "momentum", "epsilon", "centered"]);
    const expected = { learning_rate: Math.fround(0.05), rho: 0.8, momentum: 0.9, epsilon: 1e-3, centered: true };
    expect(RMSprop.fromConfig(theirs).getConfig()).toMatchObject(expected);
    expect(RMSprop.fromConfig(RMSprop, theirs).getConfig()).toMatchObject(expected);
    expect(RMSprop.fromConfig({ ...theirs, decay: 0 }).getConfig()).toMatchObject({ rho: 0 });
  });

  test.each([
    ["two keys, which nothing writes", { learning_rate: 0.05, decay: 1e-6 }],
    ["two keys in camelCase", { learningRate: 0.05, decay: 1e-6 }],
  ])("is not taken for granted: %s", (_, config) => {
    expect(() => RMSprop.fromConfig(config)).toThrow(WRITTEN_OUT);
    expect(() => RMSprop.fromConfig(config)).toThrow(/If it is that of tf\.train\.rmsprop, call it rho\.$/);
  });

  test("as an option, decay is not taken for rho", () => {
    const options = { learningRate: 0.05, decay: 1e-6 };
    expect(() => new RMSprop(options)).toThrow(/new schedules\.InverseTimeDecay\(\{ initialLearningRate: 0\.05, /);
    expect(() => new RMSprop(options)).not.toThrow(/Did you mean/);
  });
});

test("fromConfig says what to do with a serialized object", () => {
  expect(() => RMSprop.fromConfig({ class_name: "RMSprop", config: LEGACY })).toThrow(/Pass its config alone/);
});
