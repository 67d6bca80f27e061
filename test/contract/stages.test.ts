// What happens around the rule, with SGD as the rule so that each result can be checked by hand: weight decay and its
// exclusions, clips, accumulation, constraints, variables that take their gradient, missing gradients and warnings.
import { constraints, type FloatArray, type Gradient, RMSprop, SGD, Variable } from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  complaintOf,
  elementsOf,
  errorOf,
  hostOf,
  hostsOf,
  inTurn,
  numbersOf,
  onEveryEngine,
  readState,
} from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

let unique = 0;

onEveryEngine(() => {
  describe("weight decay", () => {
    test("takes away weightDecay * learningRate of a variable before its step", async () => {
      const v = new Variable([8, -8]);
      new SGD({ learningRate: 0.5, weightDecay: 0.25 }).apply([[0, 1]], [v]);
      expect((await hostOf(v)).toArray()).toEqual([7, -7.5]);
    });

    test("passes over variables without a gradient", async () => {
      const [a, b] = [new Variable(8), new Variable(8)];
      const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.25 });
      optimizer.build([a, b]);
      optimizer.apply([null, 0]);
      expect([(await hostOf(a)).item(), (await hostOf(b)).item()]).toEqual([8, 7]);
    });

    const NAMES = ["dense/kernel", "dense_bias", "bn_gamma", "bn_gamma_2"].map((name) => name.replace("/", "_"));
    const EXCLUSIONS: readonly (readonly [string, readonly (string | RegExp)[], readonly string[]])[] = [
      ["a part of a name", ["bias"], ["dense_bias"]],
      ["several parts", ["bias", "gamma"], ["dense_bias", "bn_gamma", "bn_gamma_2"]],
      ["a whole name, which others contain", ["bn_gamma"], ["bn_gamma", "bn_gamma_2"]],
      ["a string as a regular expression", ["^dense"], ["dense_kernel", "dense_bias"]],
      ["a string with an end", ["gamma$"], ["bn_gamma"]],
      ["a string with a wildcard", ["ker.el"], ["dense_kernel"]],
      ["alternatives", ["bias|gamma"], ["dense_bias", "bn_gamma", "bn_gamma_2"]],
      ["another case, which is another name", ["BIAS"], []],
      ["a RegExp", [/gamma_\d/], ["bn_gamma_2"]],
      ["a RegExp that ignores case", [/BIAS/i], ["dense_bias"]],
      ["a RegExp with /g, which must not remember", [/_/g], NAMES],
      ["a RegExp with /y, which must not remember", [/b/y], ["dense_bias", "bn_gamma", "bn_gamma_2"]],
      ["a RegExp with /gu", [/n/gu], NAMES],
      ["an empty string, which is everywhere", [""], NAMES],
      ["nothing", [], []],
    ];
    test.each(EXCLUSIONS)("leaves out %s", async (_, names, excluded) => {
      const variables = NAMES.map((name) => new Variable(8, { name }));
      const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.25 });
      optimizer.excludeFromWeightDecay({ names });
      // Twice, since a search that remembers its place goes wrong the second time.
      for (let call = 0; call < 2; call++) optimizer.apply([0, 0, 0, 0], variables);
      const hosts = await hostsOf(variables);
      expect(hosts.filter((v) => v.item() === 8).map(({ name }) => name)).toEqual(excluded);
    });

    test("is searched for by a RegExp with /y anywhere, and the RegExp itself is left alone", async () => {
      const sticky = /bias/y;
      const v = new Variable(8, { name: "dense_bias" });
      const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.25 });
      optimizer.excludeFromWeightDecay({ names: [sticky] });
      optimizer.apply([0], [v]);
      expect([(await hostOf(v)).item(), sticky.lastIndex]).toEqual([8, 0]);
    });

    test("leaves out variables by themselves, Variables and plain arrays", async () => {
      const variables = [new Variable([8]), new Variable([8]), Float32Array.of(8), Float32Array.of(8)];
      const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.25 });
      optimizer.excludeFromWeightDecay({ variables: variables.filter((_, i) => i % 2 === 0) });
      optimizer.apply([0, 0, [0], [0]], variables);
      expect(variables.map((v) => (v instanceof Variable ? v.item() : v[0]))).toEqual([8, 7, 8, 7]);
    });

    test("goes by the last call of excludeFromWeightDecay, as in Keras", async () => {
      const variables = ["a", "b"].map((name) => new Variable(8, { name }));
      const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.25 });
      optimizer.excludeFromWeightDecay({ names: ["a"] });
      optimizer.excludeFromWeightDecay({ names: ["b"] });
      optimizer.apply([0, 0], variables);
      expect(await elementsOf(variables)).toEqual([7, 8]);
    });

    test("has its exclusions before build", () => {
      const optimizer = new SGD({ weightDecay: 0.25 });
      optimizer.build([new Variable(1)]);
      expect(errorOf(() => optimizer.excludeFromWeightDecay({ names: ["bias"] })).message).toBe(
        "SGD: excludeFromWeightDecay() must come before the optimizer is built: call it before the first step.",
      );
    });

    test.each<readonly [string, unknown, string]>([
      ["a name alone", { names: "bias" }, "names"],
      ["a RegExp alone", { names: /bias/ }, "names"],
      ["a variable alone", { variables: new Variable(1) }, "variables"],
      ["a name that is a number", { names: ["bias", 7] }, "names[1]"],
      ["a name that is null", { names: [null] }, "names[0]"],
      ["half a regular expression", { names: ["bias("] }, "names[0]"],
      ["a number as a variable", { variables: [7] }, "variables[0]"],
      ["a name as a variable", { variables: ["bias"] }, "variables[0]"],
      ["nothing as a variable", { variables: [undefined] }, "variables[0]"],
      ["Keras' names of the arguments", { var_names: ["bias"] }, "var_names"],
      ["misspelt arguments", { name: ["bias"] }, "name"],
      ["a list", [new Variable(1)], "exclusion"],
      ["a string", "bias", "exclusion"],
      ["null", null, "exclusion"],
      ["nothing", undefined, "exclusion"],
    ])("refuses to leave out %s", (_, exclusion, argument) => {
      const optimizer = new SGD({ weightDecay: 0.25 });
      const error = errorOf(() => optimizer.excludeFromWeightDecay(exclusion as object));
      expect([RangeError, TypeError]).toContain(error.constructor);
      expect(complaintOf(error.message)).toMatchObject({ owner: "SGD", argument });
    });
  });

  describe("clips", () => {
    const CLIPS: readonly (readonly [string, object, readonly Gradient[], readonly number[]])[] = [
      ["clipvalue bounds each element", { clipvalue: 1 }, [[-5, 0.5], [3]], [1, -0.5, -1]],
      ["clipnorm bounds each gradient's norm", { clipnorm: 1 }, [[3, 4], [0.5]], [-0.6, -0.8, -0.5]],
      ["globalClipnorm bounds the norm of all", { globalClipnorm: 1 }, [[3, 0], [4]], [-0.6, 0, -0.8]],
      ["0 is no clip", { clipnorm: 0 }, [[3, 4], [5]], [-3, -4, -5]],
      ["less than 0 is no clip", { clipvalue: -1 }, [[3, 4], [5]], [-3, -4, -5]],
      ["a norm below the limit stays", { globalClipnorm: 10 }, [[3, 0], [4]], [-3, 0, -4]],
    ];
    test.each(CLIPS)("%s", async (_, options, gradients, expected) => {
      const variables = [new Variable([0, 0]), new Variable([0])];
      new SGD({ learningRate: 1, ...options }).apply(gradients, variables);
      expect(await elementsOf(variables)).toEqual(expected.map((x) => (x === 0 ? 0 : Math.fround(x))));
    });

    test("under globalClipnorm all variables are of one type", () => {
      const mixed = [new Variable([1], { name: "a" }), new Variable([1], { name: "b", dtype: "float64" })];
      const error = errorOf(() => new RMSprop({ globalClipnorm: 1 }).build(mixed));
      expect(error).toBeInstanceOf(TypeError);
      expect(complaintOf(error.message)).toMatchObject({ owner: "RMSprop", argument: "variables" });
      const apart = new RMSprop({ clipnorm: 1 });
      apart.build(mixed);
      expect(apart.built).toBe(true);
    });
  });

  describe("accumulation", () => {
    test("updates with the mean of so many gradients, clipped and decayed once", async () => {
      const v = new Variable(8);
      const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.25, clipvalue: 2, gradientAccumulationSteps: 2 });
      const seen = await inTurn([3, 5, 1, 1], async (gradient) => {
        optimizer.apply([gradient], [v]);
        return [(await hostOf(v)).item(), optimizer.iterations];
      });
      expect(seen).toEqual([
        [8, 0],
        [6, 1],
        [6, 1],
        [4.75, 2],
      ]);
    });

    test("keeps what a variable has gathered until it has a gradient; all sums are cleared by an update", async () => {
      const [a, b] = [new Variable(0), new Variable(0)];
      const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 2 });
      optimizer.build([a, b]);
      optimizer.apply([2, 4]);
      optimizer.apply([2, null]);
      expect([(await hostOf(a)).item(), (await hostOf(b)).item()]).toEqual([-2, 0]);
      optimizer.apply([2, 4]);
      optimizer.apply([2, 4]);
      expect([(await hostOf(a)).item(), (await hostOf(b)).item()]).toEqual([-4, -4]);
    });
  });

  describe("the loss scale factor", () => {
    test("multiplies the loss and divides the gradients", async () => {
      const v = new Variable(8);
      const optimizer = new SGD({ learningRate: 1, lossScaleFactor: 4 });
      expect(optimizer.scaleLoss(3)).toBe(12);
      optimizer.apply([4], [v]);
      expect((await hostOf(v)).item()).toBe(7);
      expect(new SGD().scaleLoss(3)).toBe(3);
    });

    test("can be changed, and switched off", async () => {
      const v = new Variable(8);
      const optimizer = new SGD({ learningRate: 1, lossScaleFactor: 4 });
      optimizer.lossScaleFactor = 2;
      optimizer.apply([2], [v]);
      optimizer.lossScaleFactor = null;
      optimizer.apply([1], [v]);
      expect([(await hostOf(v)).item(), optimizer.scaleLoss(3), optimizer.getConfig().loss_scale_factor]).toEqual([
        6,
        3,
        null,
      ]);
    });

    test.each([0, -1, Number.NaN, Infinity, "4", undefined, 4n])("cannot be set to %s", (factor) => {
      const optimizer = new SGD({ lossScaleFactor: 4 });
      const error = errorOf(() => {
        optimizer.lossScaleFactor = factor as number;
      });
      expect(complaintOf(error.message)).toMatchObject({ owner: "SGD", argument: "lossScaleFactor" });
      expect(optimizer.lossScaleFactor).toBe(4);
    });
  });

  describe("constraints", () => {
    test.each([
      new constraints.NonNeg(),
      new constraints.MaxNorm({ maxValue: 1 }),
      new constraints.UnitNorm(),
      new constraints.MinMaxNorm({ minValue: 6, maxValue: 9 }),
    ])("$constructor.name is applied to what a step leaves", async (constraint) => {
      const v = new Variable([3, -1, 0], { constraint });
      new SGD({ learningRate: 1 }).apply([[1, 1, 1]], [v]);
      expect([...(await hostOf(v)).value]).toEqual([...constraint.call(Float32Array.of(2, -2, -1), [3])]);
    });

    test("a function of one's own gets the values and the shape, once for each step", async () => {
      const seen: unknown[] = [];
      const constraint = (value: FloatArray, shape: readonly number[]): FloatArray => {
        seen.push([[...value], shape]);
        return value.map((x) => Math.round(x));
      };
      const v = new Variable([1.75, 2], { shape: [1, 2], constraint });
      new SGD({ learningRate: 1 }).apply([[0.5, 0.5]], [v]);
      expect(seen).toEqual([
        [
          [1.25, 1.5],
          [1, 2],
        ],
      ]);
      expect([...(await hostOf(v)).value]).toEqual([1, 2]);
    });

    test("a class of one's own extends Constraint", async () => {
      class Halves extends constraints.Constraint {
        override call(value: FloatArray): FloatArray {
          return value.map((x) => x / 2);
        }
      }
      const v = new Variable([4, 8], { constraint: new Halves() });
      new SGD({ learningRate: 1 }).apply([[0, 0]], [v]);
      expect((await hostOf(v)).toArray()).toEqual([2, 4]);
    });

    test("variables without a gradient are not constrained, nor those that take their gradient, as in Keras", async () => {
      const constraint = new constraints.NonNeg();
      const [a, b] = [new Variable(-1, { constraint }), new Variable(-1, { constraint, overwriteWithGradient: true })];
      const c = new Variable(-1, { constraint });
      const optimizer = new SGD({ learningRate: 1 });
      optimizer.build([a, b, c]);
      optimizer.apply([null, -2, 0]);
      expect([(await hostOf(a)).item(), (await hostOf(b)).item(), (await hostOf(c)).item()]).toEqual([-1, -2, 0]);
    });

    test("calls that only accumulate constrain, too, as in Keras", async () => {
      const v = new Variable(-1, { constraint: new constraints.NonNeg() });
      new SGD({ learningRate: 1, gradientAccumulationSteps: 2 }).apply([1], [v]);
      expect((await hostOf(v)).item()).toBe(0);
    });

    test("averages are of what was there before the constraint, as in Keras", async () => {
      const v = new Variable(1, { constraint: new constraints.NonNeg() });
      const optimizer = new SGD({ learningRate: 1, useEma: true });
      optimizer.apply([3], [v]);
      expect(await elementsOf([v, ...optimizer.variables.slice(2)])).toEqual([0, -2]);
    });
  });

  describe("a variable that takes its gradient", () => {
    test("is not decayed, clipped, scaled or averaged", async () => {
      const v = new Variable([1, 2], { overwriteWithGradient: true });
      const other = new Variable([1, 2]);
      const options = { weightDecay: 0.5, clipvalue: 0.1, lossScaleFactor: 4, useEma: true, emaOverwriteFrequency: 1 };
      const optimizer = new SGD({ learningRate: 1, ...options });
      optimizer.apply(
        [
          [30, 40],
          [0, 0],
        ],
        [v, other],
      );
      expect((await hostOf(v)).toArray()).toEqual([30, 40]);
      expect(optimizer.variables.filter(({ path }) => path.includes(v.name))).toEqual([]);
    });

    test("under accumulation takes the largest since the last update", async () => {
      const v = new Variable([1, 2], { overwriteWithGradient: true });
      const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 3 });
      const gradients = [
        [5, 1],
        [3, 4],
        [4, 2],
        [9, 9],
      ];
      const seen = await inTurn(gradients, async (gradient) => {
        optimizer.apply([gradient], [v]);
        return (await hostOf(v)).toArray();
      });
      expect(seen).toEqual([
        [1, 2],
        [1, 2],
        [5, 4],
        [5, 4],
      ]);
    });

    test("alone in a step counts the step and leaves the averages of the others, as in Keras", async () => {
      const [v, other] = [new Variable(1, { overwriteWithGradient: true }), new Variable(1)];
      const optimizer = new SGD({ learningRate: 1, useEma: true });
      optimizer.build([v, other]);
      optimizer.apply([5, null]);
      expect([optimizer.iterations, ...(await elementsOf([v, ...optimizer.variables.slice(2)]))]).toEqual([1, 5, 0]);
    });
  });

  describe("missing gradients", () => {
    test("leave their variables as they are, with a warning, once for each set of variables", async () => {
      const [a, b] = ["a", "b"].map((name) => new Variable(1, { name: `${name}${++unique}` }));
      if (!a || !b) throw new TypeError("two variables");
      const optimizer = new SGD({ learningRate: 1 });
      optimizer.build([a, b]);
      for (let call = 0; call < 3; call++) optimizer.apply([null, 1]);
      expect([(await hostOf(a)).item(), (await hostOf(b)).item()]).toEqual([1, -2]);
      expect(vi.mocked(console.warn).mock.calls).toEqual([
        [`SGD: no gradients for ${a.name}; these variables stay as they are.`],
      ]);
      optimizer.apply([1, null]);
      expect(console.warn).toHaveBeenCalledTimes(2);
    });

    test("of all variables are an error, and no warning", async () => {
      const v = new Variable(1, { name: `lonely${++unique}` });
      const optimizer = new SGD({ learningRate: 1 });
      const before = await readState(optimizer, [v]);
      const error = errorOf(() => optimizer.apply([null], [v]));
      expect(error).toBeInstanceOf(RangeError);
      expect(complaintOf(error.message)).toMatchObject({ argument: "gradients", requirement: "not all be null" });
      expect(await readState(optimizer, [v])).toEqual(before);
      expect(console.warn).not.toHaveBeenCalled();
    });

    test("do not disturb the slots of their variables", async () => {
      const [a, b] = [new Variable(numbersOf(1, 9)), new Variable(numbersOf(2, 9))];
      const optimizer = new RMSprop({ momentum: 0.9, centered: true });
      optimizer.apply([numbersOf(3, 9), numbersOf(4, 9)], [a, b]);
      const slotsOf = (name: string): Promise<number[]> =>
        elementsOf(optimizer.variables.filter(({ path }) => path.includes(`${name}_`)));
      const before = await slotsOf(a.name);
      optimizer.apply([null, numbersOf(5, 9)]);
      expect(await slotsOf(a.name)).toEqual(before);
    });
  });

  test("nothing is printed by a run without a cause for it", () => {
    const spies = (["log", "info", "debug", "error", "warn"] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation(() => undefined),
    );
    const v = new Variable([1, 2]);
    const optimizer = new RMSprop({ useEma: true, momentum: 0.9, clipnorm: 1 });
    for (let call = 0; call < 3; call++) optimizer.apply([[1, 1]], [v]);
    optimizer.finalizeVariableValues([v]);
    optimizer.dispose();
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});
