// On TensorFlow.js' webgpu backend: norms of gradients, steps that are left out, accumulations that are flushed.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";
import { afterEach, describe, expect, test } from "vitest";
import { variable } from "../tfjs/backends.js";
import { numbersOf, useTensors } from "./tensors.js";

useTensors();

const SIZES = [3, 500];
const numbers = (size: number, call: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.fround(Math.cos(3 * i + call)));

describe.each([true, false])("fused: %s", (fused) => {
  afterEach(() => tf.env().set("RMSPROP_FUSED", true));

  test.each([{ clipnorm: 0.5 }, { globalClipnorm: 0.5 }, { trackNorm: true, gradientAccumulationSteps: 3 }])(
    "with %o, norms and flushed updates are core's up to rounding",
    async (options) => {
      tf.env().set("RMSPROP_FUSED", fused);
      const [optimizer, expected] = [new RMSprop(options), new core.RMSprop(options)];
      const given = SIZES.map((size) => variable(numbers(size, 9)));
      const others = SIZES.map((size) => new core.Variable(numbers(size, 9)));
      for (let call = 0; call < 4; call++) {
        tf.tidy(() =>
          optimizer.apply(
            SIZES.map((size) => tf.tensor1d(numbers(size, call))),
            given,
          ),
        );
        expected.apply(
          SIZES.map((size) => numbers(size, call)),
          others,
        );
        const norm = await optimizer.gradientNorm;
        expect(norm === null).toBe(expected.gradientNorm === null);
        expect(norm ?? 0).toBeCloseTo(expected.gradientNorm ?? 0, 4);
      }
      expect(optimizer.flush()).toBe(expected.flush());
      for (const [i, each] of given.entries()) {
        const other = others[i] as core.Variable;
        expect(await optimizer.gradientNormOf(each)).toBeCloseTo(expected.gradientNormOf(other) ?? 0, 4);
        const values = await numbersOf(each);
        for (const [j, value] of values.entries()) expect(value).toBeCloseTo(other.value[j] ?? 0, 5);
      }
      optimizer.dispose();
      expect(await optimizer.gradientNorm.catch(() => null)).toBeNull();
      tf.dispose(given);
    },
  );
});
