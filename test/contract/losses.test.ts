// What minimize makes of a loss that is no finite number: NaN is refused before anything changes, infinity is taken; under a
// dynamic loss scale the gradients decide.
import { LossScaleOptimizer, RMSprop, type RMSpropOptions, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { complaintOf, errorOf, inTurn, onEveryEngine, readState, settled } from "./support.js";

const lossOf = (value: number, gradient: readonly number[]) => () => ({ value, gradients: [[...gradient]] });

onEveryEngine(() => {
  test.each<readonly [string, RMSpropOptions]>([
    ["the plain step", {}],
    ["a constant loss scale", { lossScaleFactor: 8 }],
    ["accumulation and averages", { gradientAccumulationSteps: 2, useEma: true }],
  ])("a loss of NaN is refused, and nothing changes: %s", async (_, options) => {
    for (const gradient of [
      [1, 2],
      [Number.NaN, 2],
    ]) {
      const v = new Variable([1, 2], { name: "v" });
      const optimizer = new RMSprop(options);
      const act = () => optimizer.minimize(lossOf(Number.NaN, gradient), [v]);
      const expected = { owner: "RMSprop", argument: "loss", received: "a loss of NaN" };
      expect(complaintOf(errorOf(act).message)).toMatchObject(expected);
      expect(optimizer.built).toBe(false);
      optimizer.minimize(lossOf(5, [1, 2]), [v]);
      const before = await readState(optimizer, [v]);
      expect(errorOf(act)).toBeInstanceOf(RangeError);
      expect(await readState(optimizer, [v])).toEqual(before);
    }
  });

  test.each([Infinity, -Infinity])("a loss of %d is taken, as in Keras: its gradients may be fine", async (value) => {
    const [v, twin] = [new Variable([1, 2], { name: "v" }), new Variable([1, 2], { name: "v" })];
    const [minimizing, applying] = [new RMSprop(), new RMSprop()];
    expect(minimizing.minimize(lossOf(value, [3, 4]), [v])).toBe(value);
    applying.apply([[3, 4]], [twin]);
    expect(await readState(minimizing, [v])).toEqual(await readState(applying, [twin]));
  });

  test("under a dynamic loss scale a loss of NaN is none of its business: the gradients decide, as in Keras", async () => {
    const v = new Variable([1, 2], { name: "v" });
    const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 8 });
    const scales = await inTurn([Number.NaN, Infinity, 3], async (gradient) => {
      expect(optimizer.minimize(lossOf(Number.NaN, [1, gradient]), [v])).toBeNaN();
      await settled(optimizer);
      return [optimizer.dynamicScale, optimizer.iterations];
    });
    expect(scales).toEqual([
      [4, 0],
      [2, 0],
      [2, 1],
    ]);
  });
});
