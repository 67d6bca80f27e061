// What a console, JSON and a clone show of variables and optimizers, and what is said where an option is set too late.
import { inspect } from "node:util";
import { LossScaleOptimizer, RMSprop, SGD, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";

const set = (optimizer: object, name: string, value: unknown) => () => void Reflect.set(optimizer, name, value);

describe("a variable", () => {
  test.each([
    [new Variable(0.1, { name: "a" }), "Variable a float32 [] 0.1"],
    [
      new Variable(
        [
          [1, 2.5],
          [3, 4],
        ],
        { name: "w", dtype: "float64" },
      ),
      "Variable w float64 [2,2] [[1.0, 2.5], [3.0, 4.0]]",
    ],
    [
      new Variable(
        Array.from({ length: 1000 }, (_, i) => i),
        { name: "big", shape: [10, 100] },
      ),
      "Variable big float32 [10,100] [0.0, 1.0, 2.0, ..., 997.0, 998.0, 999.0]",
    ],
  ])("is printed with its numbers, shortened where they are many", (variable, text) => {
    expect(inspect(variable)).toBe(text);
  });

  test("says that it was disposed of", () => {
    const variable = new Variable([1], { name: "gone" });
    variable.dispose();
    expect(inspect(variable)).toBe("Variable gone float32 [1] (disposed)");
  });

  test("is its numbers in JSON, and tells whoever clones it what to clone", () => {
    const variable = new Variable([
      [1, 2],
      [3, 4],
    ]);
    expect(JSON.stringify({ variable })).toBe('{"variable":[[1,2],[3,4]]}');
    expect(() => structuredClone(variable)).toThrow("clone variable.value.slice()");
  });
});

describe("an optimizer", () => {
  test("is printed with its options, its step and its engine", () => {
    const optimizer = new RMSprop({ momentum: 0.9, learningRate: 0.5 });
    optimizer.apply([[1]], [new Variable([1])]);
    expect(inspect(optimizer)).toMatch(/^RMSprop \{\n {2}name: 'rmsprop',\n {2}learningRate: 0\.5,/);
    for (const line of ["momentum: 0.9", "useEma: false", "iterations: 1", `engine: '${optimizer.engine}'`]) {
      expect(inspect(optimizer)).toContain(line);
    }
    expect(inspect(new LossScaleOptimizer(new SGD()))).toMatch(/^LossScaleOptimizer \{[\s\S]*class_name: 'SGD'/);
  });

  test.each([new RMSprop(), new LossScaleOptimizer(new RMSprop())])(
    "says what to use instead of JSON and a clone, which would lose its state",
    (optimizer) => {
      expect(() => JSON.stringify({ optimizer })).toThrow(/JSON.stringify would lose its state. getConfig\(\) has/);
      expect(() => structuredClone(optimizer)).toThrow("send saveCheckpoint(optimizer, variables)");
    },
  );

  test.each([
    ["momentum", "momentum must stay as it is; received momentum=0.5. Make a new optimizer: only learningRate"],
    ["clipnorm", "clipnorm must stay as it is; received clipnorm=0.5. Make a new optimizer"],
    ["lr", "lr must be set by its own name; received lr=0.5. It is called learningRate here."],
    [
      "learning_rate",
      "learning_rate must be set by its own name; received learning_rate=0.5. It is called learningRate",
    ],
    ["weight_decay", "weight_decay must be set by its own name; received weight_decay=0.5. It is called weightDecay"],
    ["alpha", "alpha must be set by its own name; received alpha=0.5. It is called rho here."],
  ])("refuses to have %s set, and says what can be", (name, message) => {
    const optimizer = new RMSprop({ momentum: 0.9 });
    expect(set(optimizer, name, 0.5)).toThrow(`RMSprop: ${message}`);
    expect(optimizer.momentum).toBe(0.9);
  });

  test("has every option as a property", () => {
    const optimizer = new RMSprop({ rho: 0.8, weightDecay: 0.1, useEma: true });
    const read = ["rho", "weightDecay", "useEma", "clipvalue"].map((name) => Reflect.get(optimizer, name));
    expect(read).toEqual([0.8, 0.1, true, null]);
  });

  test("can be extended by classes that have fields and members of these names", () => {
    class Mine extends RMSprop {
      readonly lr = 3;
      readonly alpha: string;
      constructor() {
        super({ momentum: 0.5 });
        Object.defineProperty(this, "momentum", { value: 7 });
        this.alpha = "mine";
      }
    }
    Object.defineProperty(Mine.prototype, "alpha", { value: "mine", writable: true });
    const optimizer = new Mine();
    expect([optimizer.lr, optimizer.momentum, optimizer.alpha, optimizer.rho]).toEqual([3, 7, "mine", 0.9]);
  });
});
