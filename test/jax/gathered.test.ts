// On jax-js: norms of gradients, steps that are left out, accumulations that are flushed - as in core, and without a leak.
import type { numpy as np } from "@jax-js/jax";
import * as core from "rmsprop";
import { Adam, RMSprop, rmsprop, SGD, Variable } from "rmsprop/jax";
import { expect, test } from "vitest";
import { array, liveBuffers, onSomeBackend } from "./backends.js";

const SIZES = [3, 200];
const numbers = (size: number, call: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.fround(Math.cos(3 * i + call)));
const gradients = (call: number): np.Array[] => SIZES.map((size) => array(numbers(size, call)));
const OPTIONS = [{ clipnorm: 0.5 }, { trackNorm: true, gradientAccumulationSteps: 3, momentum: 0.9, weightDecay: 0.1 }];

/** Each test must end with as many buffers as it began with. */
const giveBack = (...[optimizer, given]: [{ dispose(): void }, readonly Variable[]]): void => {
  for (const each of [optimizer, ...given]) each.dispose();
};

onSomeBackend(() => {
  for (const engine of ["jax", "core"] as const) {
    test.each(OPTIONS)(`engine ${engine}, %o: norms and flushed updates are core's up to rounding`, (options) => {
      const [optimizer, expected] = [new RMSprop(options, engine), new core.RMSprop(options)];
      const given = SIZES.map((size) => new Variable(numbers(size, 9)));
      const others = SIZES.map((size) => new core.Variable(numbers(size, 9)));
      const close = (own: number | null, theirs: number | null): void => {
        expect(own === null).toBe(theirs === null);
        expect(own ?? 0).toBeCloseTo(theirs ?? 0, 4);
      };
      for (let call = 0; call < 4; call++) {
        optimizer.apply(gradients(call), given);
        expected.apply(
          SIZES.map((size) => numbers(size, call)),
          others,
        );
        close(optimizer.gradientNorm, expected.gradientNorm);
      }
      expect(optimizer.flush()).toBe(expected.flush());
      for (const [i, each] of given.entries()) {
        const other = others[i] as core.Variable;
        close(optimizer.gradientNormOf(each), expected.gradientNormOf(other));
        for (const [j, value] of [...each.value].entries()) expect(value).toBeCloseTo(other.value[j] ?? 0, 5);
      }
      giveBack(optimizer, given);
    });

    test(`engine ${engine}: a step that is not finite changes nothing, is counted, and uses its gradients up`, () => {
      const optimizer = new Adam({ skipNonFinite: true, clipnorm: 1, useEma: true }, engine);
      const given = SIZES.map((size) => new Variable(numbers(size, 9)));
      const own = (): number[][] => [...given, ...optimizer.variables].map(({ value }) => [...value]);
      optimizer.apply(gradients(0), given);
      const [before, buffers] = [own(), liveBuffers()];
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        optimizer.apply([array([1, bad, 1]), array(numbers(200, 1))], given);
        expect(own()).toEqual(before);
      }
      expect([optimizer.skipped, optimizer.iterations, liveBuffers()]).toEqual([3, 1, buffers]);
      giveBack(optimizer, given);
    });
  }

  test("minimize hands a loss of NaN back where skipNonFinite leaves its step out", () => {
    const v = new Variable([1, 2]);
    const optimizer = new SGD({ skipNonFinite: true });
    expect(optimizer.minimize(() => v.ref.sum().mul(array([Number.NaN]).reshape([])), [v])).toBeNaN();
    expect([optimizer.skipped, ...v.value]).toEqual([1, 1, 2]);
    giveBack(optimizer, [v]);
  });
});

test.each(["skipNonFinite", "trackNorm"])("pure functions refuse %s, and say what to do", (option) => {
  expect(() => rmsprop({ [option]: true })).toThrow(
    new RegExp(`^rmsprop: ${option} must be left out of pure functions`),
  );
  expect(() => rmsprop({ [option]: false })).not.toThrow();
});
