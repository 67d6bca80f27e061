// The learning rate: what it may be, who may set it, when it is asked.
import { LearningRateSchedule, LossScaleOptimizer, RMSprop, SGD, schedules, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { complaintOf, errorOf, hostOf, inTurn, onEveryEngine } from "./support.js";

const halving = (): schedules.ExponentialDecay =>
  new schedules.ExponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 });

onEveryEngine(() => {
  test("a number is a float32, as in Keras, and can be set at any time", async () => {
    const v = new Variable(1);
    const optimizer = new SGD({ learningRate: 0.5 });
    optimizer.apply([1], [v]);
    optimizer.learningRate = 0.25;
    optimizer.apply([1]);
    expect([(await hostOf(v)).item(), optimizer.learningRate]).toEqual([0.25, 0.25]);
    optimizer.learningRate = 0.1;
    expect(optimizer.learningRate).toBe(Math.fround(0.1));
    optimizer.learningRate *= 0.5;
    expect(optimizer.learningRate).toBe(Math.fround(Math.fround(0.1) * 0.5));
  });

  test("zero, negative ones and whole numbers are numbers", () => {
    for (const learningRate of [0, -0.5, 1, 3]) expect(new RMSprop({ learningRate }).learningRate).toBe(learningRate);
  });

  test("a schedule is asked with the number of calls, before each step", async () => {
    const v = new Variable(0);
    const optimizer = new SGD({ learningRate: halving() });
    const seen = await inTurn([1, 1, 1, 1], async (gradient) => {
      optimizer.apply([gradient], [v]);
      return [(await hostOf(v)).item(), optimizer.learningRate];
    });
    expect(seen).toEqual([
      [-1, 0.5],
      [-1.5, 0.25],
      [-1.75, 0.125],
      [-1.875, 0.0625],
    ]);
  });

  test("under accumulation a schedule counts every call, as in Keras", async () => {
    const v = new Variable(0);
    const optimizer = new SGD({ learningRate: halving(), gradientAccumulationSteps: 2 });
    for (let call = 0; call < 4; call++) optimizer.apply([1], [v]);
    expect([(await hostOf(v)).item(), optimizer.iterations]).toEqual([-(0.5 + 0.125), 2]);
  });

  test("a function is asked before each step, without arguments", async () => {
    const v = new Variable(0);
    const rates = [1, 0.5, 0.25];
    const asked: number[] = [];
    const optimizer = new SGD({
      learningRate: (...values: unknown[]) => {
        asked.push(values.length);
        return rates.shift() ?? 0;
      },
    });
    for (let call = 0; call < 3; call++) optimizer.apply([1], [v]);
    expect([(await hostOf(v)).item(), asked]).toEqual([-1.75, [0, 0, 0]]);
  });

  test("in a step of doubles the rate is a float32 number, a constant's and a function's, as in TensorFlow", async () => {
    const [constant, called] = [new SGD({ learningRate: 0.1 }), new SGD({ learningRate: () => 0.1 })];
    const [a, b] = [new Variable(0, { dtype: "float64" }), new Variable(0, { dtype: "float64" })];
    constant.apply([1], [a]);
    called.apply([1], [b]);
    expect([(await hostOf(a)).item(), (await hostOf(b)).item()]).toEqual([-Math.fround(0.1), -Math.fround(0.1)]);
  });

  test("in a step of doubles the weight decay is a float32 number, other options are not", async () => {
    const [decayed, moved] = [new Variable(1, { dtype: "float64" }), new Variable(0, { dtype: "float64" })];
    new SGD({ learningRate: 1, weightDecay: 0.1 }).apply([0], [decayed]);
    new RMSprop({ learningRate: 1, rho: 0, epsilon: 0.1 }).apply([1], [moved]);
    expect((await hostOf(decayed)).item()).toBe(1 - Math.fround(0.1));
    expect((await hostOf(moved)).item()).toBe(-1 / Math.sqrt(1 + 0.1));
  });

  test("a function's number that float32 does not hold is refused, and nothing changes", async () => {
    const v = new Variable(1);
    const error = errorOf(() => new SGD({ learningRate: () => 1e39 }).apply([1], [v]));
    expect(complaintOf(error.message)).toMatchObject({ owner: "SGD", argument: "learningRate", received: "1e+39" });
    expect((await hostOf(v)).item()).toBe(1);
  });

  test("while a schedule owns it no number can be set, as in Keras, but another schedule or a function", () => {
    const optimizer = new SGD({ learningRate: halving() });
    const error = errorOf(() => {
      optimizer.learningRate = 0.1;
    });
    expect(error).toBeInstanceOf(TypeError);
    expect(complaintOf(error.message)).toMatchObject({ owner: "SGD", argument: "learningRate", received: "0.1" });
    expect(optimizer.learningRate).toBe(1);
    optimizer.learningRate = new schedules.InverseTimeDecay({ initialLearningRate: 2, decaySteps: 1, decayRate: 1 });
    expect(optimizer.learningRate).toBe(2);
    optimizer.learningRate = () => 3;
    expect(optimizer.learningRate).toBe(3);
  });

  test("setting a schedule takes the number out of the variables", () => {
    const optimizer = new SGD({ learningRate: 0.5 });
    expect(optimizer.variables.map(({ name }) => name)).toEqual(["iteration", "learning_rate"]);
    optimizer.learningRate = halving();
    expect(optimizer.variables.map(({ name }) => name)).toEqual(["iteration"]);
  });

  test("a schedule of one's own may be any class that extends LearningRateSchedule", async () => {
    class Linear extends LearningRateSchedule {
      override call(step: number): number {
        return 1 - step / 4;
      }
    }
    const v = new Variable(0);
    const optimizer = new SGD({ learningRate: new Linear() });
    for (let call = 0; call < 4; call++) optimizer.apply([1], [v]);
    expect((await hostOf(v)).item()).toBe(-2.5);
  });

  test("a loaded state brings its learning rate along", async () => {
    const v = new Variable(0);
    const optimizer = new SGD({ learningRate: 1 });
    optimizer.build([v]);
    optimizer.setWeights([5, 0.25]);
    optimizer.apply([1]);
    expect([(await hostOf(v)).item(), optimizer.iterations, optimizer.learningRate]).toEqual([-0.25, 6, 0.25]);
  });

  test("a LossScaleOptimizer's learning rate is the inner one's", () => {
    const inner = new SGD({ learningRate: 0.5 });
    const optimizer = new LossScaleOptimizer(inner);
    optimizer.learningRate = 0.25;
    expect([inner.learningRate, optimizer.learningRate]).toEqual([0.25, 0.25]);
  });

  test.each<readonly [string, unknown, string]>([
    ["a string", "0.1", '"0.1"'],
    ["NaN", Number.NaN, "NaN"],
    ["infinity", Infinity, "Infinity"],
    ["a number too large for a float32", 1e39, "1e+39"],
    ["null", null, "null"],
    ["undefined", undefined, "undefined"],
    ["a bigint", 1n, "1n"],
    ["an array", [0.1], "Array(1)"],
    ["a schedule's config", { class_name: "ExponentialDecay" }, "an object of Object"],
    ["a class", schedules.ExponentialDecay, "function ExponentialDecay"],
    ["true", true, "true"],
  ])("%s cannot be set, nor given to the constructor", (_, learningRate, received) => {
    const optimizer = new RMSprop({ learningRate: 0.5 });
    const error = errorOf(() => {
      optimizer.learningRate = learningRate as number;
    });
    expect([RangeError, TypeError]).toContain(error.constructor);
    expect(complaintOf(error.message)).toMatchObject({ owner: "RMSprop", argument: "learningRate", received });
    expect(optimizer.learningRate).toBe(0.5);
    if (learningRate === undefined) return; // The constructor takes it for the default.
    const refused = errorOf(() => new RMSprop({ learningRate: learningRate as number }));
    expect(complaintOf(refused.message)).toMatchObject({ owner: "RMSprop", argument: "learningRate", received });
  });
});
