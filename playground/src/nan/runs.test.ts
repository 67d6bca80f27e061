// The numbers of the page about NaN: those that real Keras gave, those of TensorFlow.js itself, and those of this package.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { bitsOf, exact, numbersBetween, spacingAt } from "./float32.js";
import { distanceOf, momentsOf, outcomeOf } from "./moments.js";
import { nanRuns } from "./runs.js";
import {
  ASKED,
  EPSILONS,
  firstLost,
  fromFragment,
  LEARNING_RATE,
  longest,
  NAN_INITIAL,
  type NanSettings,
  type NanStep,
  STEPS,
  toFragment,
} from "./state.js";
import { toldNumbers, withNumbers } from "./told.js";

const runsWith = (changed: Partial<NanSettings>) => nanRuns({ ...NAN_INITIAL, ...ASKED, ...changed });
const asked = runsWith({});
const at = (steps: readonly NanStep[], step: number): NanStep => {
  const found = steps[step - 1];
  if (!found) throw new Error(`there is no step ${step}`);
  return found;
};

describe("a constant gradient of 11", () => {
  test.each([
    [1, "10.89"],
    [60, "0.21697998"],
    [134, "1.5258789e−5"],
    [135, "0"],
    [136, "−7.6293945e−6"],
  ])("at step %i, v - m² is %s", (step, difference) => {
    expect(exact(at(asked.keras, step).difference)).toBe(difference);
  });

  test("Keras' run is lost where real Keras' is, at v and m as real Keras has them", () => {
    expect(firstLost(asked.keras)).toBe(136);
    const { meanSquare, mean, weight } = at(asked.keras, 136);
    expect([meanSquare.toFixed(6), mean?.toFixed(6)]).toEqual(["120.999886", "10.999995"]);
    expect([weight, at(asked.keras, STEPS).weight]).toEqual([Number.NaN, Number.NaN]);
  });

  test.each([
    { gradient: 5, rho: 0.5, lost: 24 },
    { gradient: 7, rho: 0.01, lost: 5 },
  ])("with rho $rho and a gradient of $gradient Keras' run is lost at step $lost", ({ lost, ...changed }) => {
    expect(firstLost(runsWith(changed).keras)).toBe(lost);
  });

  test("every step is what its formula says of what stands under the root", () => {
    const f = Math.fround;
    for (const changed of [{}, { epsilon: 1e-3 }, { centered: false }])
      for (const run of Object.values(runsWith(changed)))
        for (const { underRoot, step } of run)
          expect(step).toBe(0 - f(f(f(LEARNING_RATE) * 11) / f(Math.sqrt(underRoot))));
  });

  test.each([{}, { epsilon: 1e-3 }, { clipvalue: 0.1 }, { centered: false }])(
    "with %o the weights of this package are those of its RMSprop, in every bit",
    (changed) => {
      const { centered, epsilon, clipvalue } = { ...NAN_INITIAL, ...changed };
      const weight = new Variable(0);
      const optimizer = new RMSprop({ centered, epsilon, clipvalue });
      for (const step of runsWith(changed).rmsprop) {
        optimizer.apply([[11]], [weight]);
        expect(weight.item()).toBe(step.weight);
      }
    },
  );

  test.each([
    { gradient: 11, epsilon: 1e-7, clipvalue: null, centered: true },
    { gradient: 11, epsilon: 1e-3, clipvalue: null, centered: true },
    { gradient: 11, epsilon: 1e-7, clipvalue: 0.1, centered: true },
    { gradient: 1e-4, epsilon: 1e-7, clipvalue: null, centered: true },
    { gradient: 11, epsilon: 1e-7, clipvalue: null, centered: false },
  ])("with %o the weights are those of TensorFlow.js' own optimizer, NaN and infinity included", async (changed) => {
    await tf.setBackend("cpu");
    const weight = tf.variable(tf.tensor1d([0]), true, "w");
    const peer = tf.train.rmsprop(LEARNING_RATE, 0.9, 0, changed.epsilon, changed.centered);
    const gradient = Math.min(changed.gradient, changed.clipvalue ?? Number.POSITIVE_INFINITY);
    for (const step of runsWith(changed).tfjs) {
      peer.applyGradients({ w: tf.tensor1d([gradient]) });
      expect(step.weight).toBe(weight.dataSync()[0]);
    }
    tf.disposeVariables();
  });
});

describe("remedies", () => {
  test("this package is finite without any, and jumps by tens of thousands of learning rates at each step", () => {
    expect(firstLost(asked.rmsprop)).toBeNull();
    for (const step of [135, 136, 140]) expect(Math.abs(at(asked.rmsprop, step).step)).toBeCloseTo(34.785, 3);
  });

  test("a larger epsilon shortens the longest step, and leaves nothing to be lost", () => {
    const lengths = EPSILONS.map((epsilon) => longest(runsWith({ epsilon }).rmsprop));
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(firstLost(runsWith({ epsilon: 1e-3 }).keras)).toBeNull();
    expect(longest(runsWith({ epsilon: 1 }).keras)).toBeLessThan(20 * LEARNING_RATE);
  });

  test.each([0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1])("clipped to %f nothing is lost in Keras", (clipvalue) => {
    expect(firstLost(runsWith({ clipvalue, steps: 1000 }).keras)).toBeNull();
  });

  test("without centered the steps are as long as the learning rate", () => {
    const { rmsprop } = runsWith({ centered: false });
    expect(Math.abs(at(rmsprop, STEPS).step)).toBeCloseTo(LEARNING_RATE, 6);
  });
});

test("the bits of numbers, and how far they are apart", () => {
  expect(bitsOf(1)).toEqual({ sign: "0", exponent: "01111111", fraction: "0".repeat(23) });
  expect(bitsOf(-7.62939453125e-6)).toEqual({ sign: "1", exponent: "01101110", fraction: "0".repeat(23) });
  const { meanSquare, squaredMean } = at(asked.keras, 136);
  expect(numbersBetween(meanSquare, squaredMean)).toBe(-1);
  expect(spacingAt(meanSquare)).toBe(2 ** -17);
  expect(exact(Math.fround(0.1))).toBe("0.1");
  expect(exact(1e-7)).toBe("1e−7");
  expect(exact(Number.NEGATIVE_INFINITY)).toBe("−∞");
});

test("what happens when is found in the numbers", () => {
  const moments = momentsOf(asked.keras);
  expect(moments.map(({ step }) => step)).toEqual([1, 44, 134, 135, 136]);
  expect(momentsOf(runsWith({ centered: false }).keras)).toEqual([]);
  expect(distanceOf(at(asked.keras, 134))).toBe("v is 2 float32 numbers above m².");
  expect(distanceOf(at(asked.keras, 136))).toBe(
    "m² has been rounded to 1 float32 number above v: a negative variance.",
  );
  expect(outcomeOf(asked, 135)).toMatch(/^tf\.train\.rmsprop gives −∞\. This package .* 34\.79, 34,785 times/);
  expect(outcomeOf(asked, 136)).toMatch(/^Keras gives NaN, tf\.train\.rmsprop gives NaN\. /);
  expect(outcomeOf(runsWith({ centered: false }), 136)).toMatch(/^All three are finite\. .*about the learning rate\.$/);
});

test("the text has a number for each of its marks, and refuses one that it does not know", () => {
  expect(withNumbers("NaN at step {{lost}}, {{jump}} a step")).toBe("NaN at step 136, 34.79 a step");
  expect(toldNumbers()).toMatchObject({ lostInTfjs: "135", lostAt5: "24", lostAt7: "5", lostSmallInTfjs: "1" });
  expect(() => withNumbers("{{unheard}}")).toThrow("unheard");
});

test("the address keeps what was changed, and ignores what makes no sense", () => {
  const state = { step: 60, epsilon: 1e-3, clipvalue: 0.1, centered: false };
  expect(fromFragment(toFragment(state))).toEqual(state);
  expect(toFragment(NAN_INITIAL)).toBe("");
  expect(fromFragment("#step=x&epsilon=3&clipvalue=-1&centered=perhaps")).toEqual(NAN_INITIAL);
  expect(fromFragment("#step=999").step).toBe(STEPS);
});
