// Moving averages: how they move, how they become the variables for good, and how they are only shown for a while.
import { LossScaleOptimizer, RMSprop, type SavedArray, StateError, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { SGD } from "./sgd.js";
import { complaintOf, errorOf, onEveryEngine, stateOf } from "./support.js";

/** Two variables after three steps of SGD with a rate of 1 and gradients of 1: values 7 and -3, averages above them. */
function trained(): { optimizer: InstanceType<typeof SGD>; variables: Variable[]; average: string } {
  const variables = [new Variable(10, { name: "a" }), new Variable([0, 0], { name: "b" })];
  const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
  for (let call = 0; call < 3; call++) optimizer.apply([1, [1, 1]], variables);
  return { optimizer, variables, average: "7.75 [-2.25, -2.25]" };
}

const TRAINED = "7.0 [-3.0, -3.0]";

onEveryEngine(() => {
  test("the average starts as the variable after the first update, then moves by emaMomentum", () => {
    const v = new Variable(10);
    const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
    const seen = Array.from({ length: 4 }, () => {
      optimizer.apply([1], [v]);
      return [v.item(), ...(optimizer.variables[2]?.value ?? [])];
    });
    expect(seen).toEqual([
      [9, 9],
      [8, 8.5],
      [7, 7.75],
      [6, 6.875],
    ]);
  });

  test("emaOverwriteFrequency puts the average into the variable every so many updates", () => {
    const v = new Variable(10);
    const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3 });
    const seen = Array.from({ length: 4 }, () => {
      optimizer.apply([1], [v]);
      return v.item();
    });
    expect(seen).toEqual([9, 8, 7.75, 6.75]);
  });

  test("variables without a gradient are averaged, too", () => {
    const { optimizer, variables } = trained();
    const [a] = variables;
    if (!a) throw new TypeError("no variable");
    optimizer.apply([1], [a]);
    expect(optimizer.variables.slice(2).map(({ value }) => [...value])).toEqual([[6.875], [-2.625, -2.625]]);
  });

  describe("finalizeVariableValues", () => {
    test("replaces the variables by their averages, and training goes on from there", () => {
      const { optimizer, variables, average } = trained();
      optimizer.finalizeVariableValues(variables);
      expect(variables.join(" ")).toBe(average);
      optimizer.apply([1, [1, 1]]);
      expect(variables.join(" ")).toBe("6.75 [-3.25, -3.25]");
    });

    test("goes by the variable, in whatever order they come", () => {
      const { optimizer, variables, average } = trained();
      optimizer.finalizeVariableValues([...variables].reverse());
      expect(variables.join(" ")).toBe(average);
    });

    test("does nothing without averages, built or not, as in Keras", () => {
      const v = new Variable([1, 2]);
      const optimizer = new RMSprop();
      optimizer.finalizeVariableValues([v]);
      optimizer.apply([[1, 1]], [v]);
      const before = stateOf(optimizer, [v]);
      optimizer.finalizeVariableValues([v]);
      expect(stateOf(optimizer, [v])).toEqual(before);
    });

    test.each<readonly [string, (variables: Variable[]) => unknown]>([
      ["too few variables", ([a]) => [a]],
      ["too many variables", (variables) => [...variables, new Variable(1)]],
      ["an unknown variable", ([a]) => [a, new Variable([0, 0])]],
      ["the same variable twice", ([a]) => [a, a]],
      ["no array", ([a]) => a],
      ["nothing", () => undefined],
    ])("refuses %s, and changes nothing", (_, variablesOf) => {
      const { optimizer, variables } = trained();
      const before = stateOf(optimizer, variables);
      const error = errorOf(() => optimizer.finalizeVariableValues(variablesOf(variables) as Variable[]));
      expect(complaintOf(error.message)).toMatchObject({ owner: "SGD", argument: expect.stringMatching(/^variables/) });
      expect(stateOf(optimizer, variables)).toEqual(before);
    });

    test("before build, with averages, says what to do", () => {
      const error = errorOf(() => new RMSprop({ useEma: true }).finalizeVariableValues([]));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/^RMSprop: finalizeVariableValues\(\) needs .+ not built\. Call build/);
    });

    test("leaves variables without an average alone", () => {
      const taking = new Variable([1, 2], { overwriteWithGradient: true });
      const v = new Variable([1, 2]);
      const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
      for (let call = 0; call < 2; call++)
        optimizer.apply(
          [
            [5, 6],
            [1, 1],
          ],
          [taking, v],
        );
      optimizer.finalizeVariableValues([taking, v]);
      expect(`${taking} ${v}`).toBe("[5.0, 6.0] [-0.5, 0.5]");
    });
  });

  describe("withAverage", () => {
    test("shows the averages to a function and returns its result", () => {
      const { optimizer, variables, average } = trained();
      expect(optimizer.withAverage(() => variables.join(" "))).toBe(average);
      expect(variables.join(" ")).toBe(TRAINED);
    });

    test("shows them until a promise is settled", async () => {
      const { optimizer, variables, average } = trained();
      const before = stateOf(optimizer, variables);
      const seen: string[] = [];
      const result = optimizer.withAverage(async () => {
        seen.push(variables.join(" "));
        await Promise.resolve();
        seen.push(variables.join(" "));
        return 42;
      });
      expect(variables.join(" ")).toBe(average);
      expect(await result).toBe(42);
      expect(seen).toEqual([average, average]);
      expect(stateOf(optimizer, variables)).toEqual(before);
    });

    test("shows them until a promise of another realm or library is settled", async () => {
      const { optimizer, variables, average } = trained();
      let settle: (value: number) => void = () => undefined;
      const inner = new Promise<number>((resolve) => {
        settle = resolve;
      });
      // A thenable that is no Promise of this realm, as Node's own are in Jest, or those of other libraries.
      const foreign: PromiseLike<number> = {
        // biome-ignore lint/suspicious/noThenProperty: a promise of another kind is what this test is about.
        then: (onfulfilled, onrejected) => inner.then(onfulfilled, onrejected),
      };
      const result = optimizer.withAverage(() => foreign);
      expect(variables.join(" ")).toBe(average);
      settle(42);
      expect(await result).toBe(42);
      await Promise.resolve();
      expect(variables.join(" ")).toBe(TRAINED);
    });

    test("puts the trained values back when the function throws", () => {
      const { optimizer, variables } = trained();
      const before = stateOf(optimizer, variables);
      const error = new Error("evaluation failed");
      const act = (): never => {
        throw error;
      };
      expect(errorOf(() => optimizer.withAverage(act))).toBe(error);
      expect(stateOf(optimizer, variables)).toEqual(before);
    });

    test("puts them back when the promise is rejected", async () => {
      const { optimizer, variables } = trained();
      const before = stateOf(optimizer, variables);
      const error = new Error("evaluation failed");
      await expect(optimizer.withAverage(() => Promise.reject(error))).rejects.toBe(error);
      expect(stateOf(optimizer, variables)).toEqual(before);
    });

    test("puts them back whatever the function did to the variables, and the averages stay what they are", () => {
      const { optimizer, variables } = trained();
      const before = stateOf(optimizer, variables);
      optimizer.withAverage(() => {
        for (const v of variables) v.value.fill(77);
      });
      expect(stateOf(optimizer, variables)).toEqual(before);
    });

    test("puts the others back when one of the variables was disposed of inside", () => {
      const { optimizer, variables } = trained();
      const [a, b] = variables;
      let error: unknown = null;
      try {
        optimizer.withAverage(() => a?.dispose());
      } catch (thrown) {
        error = thrown;
      }
      expect(`${b}`).toBe("[-3.0, -3.0]");
      expect(error === null || error instanceof StateError).toBe(true);
    });

    test("gives training back: a step afterwards is as if nothing had been shown", () => {
      const [shown, twin] = [trained(), trained()];
      shown.optimizer.withAverage(() => undefined);
      for (const { optimizer } of [shown, twin]) optimizer.apply([1, [1, 1]]);
      expect(stateOf(shown.optimizer, shown.variables)).toEqual(stateOf(twin.optimizer, twin.variables));
    });

    const REFUSED: readonly (readonly [string, (of: ReturnType<typeof trained>) => unknown])[] = [
      ["apply", ({ optimizer }) => optimizer.apply([1, [1, 1]])],
      ["applyGradients", ({ optimizer, variables: [a] }) => a && optimizer.applyGradients([[1, a]])],
      ["minimize", ({ optimizer }) => optimizer.minimize(() => ({ value: 1, gradients: [1, [1, 1]] }))],
      ["finalizeVariableValues", ({ optimizer, variables }) => optimizer.finalizeVariableValues(variables)],
      ["withAverage", ({ optimizer }) => optimizer.withAverage(() => 1)],
      ["setWeights", ({ optimizer }) => optimizer.setWeights(optimizer.variables)],
      [
        "statelessApply",
        ({ optimizer, variables }) => optimizer.statelessApply(optimizer.variables, [1, [1, 1]], variables),
      ],
      ["dispose", ({ optimizer }) => optimizer.dispose()],
    ];
    test.each(REFUSED)("refuses %s inside, and all is as before afterwards", (_, act) => {
      const scene = trained();
      const before = stateOf(scene.optimizer, scene.variables);
      const error = scene.optimizer.withAverage(() => errorOf(() => act(scene)));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/^SGD: .*withAverage\(\)\..*\.$/);
      expect(stateOf(scene.optimizer, scene.variables)).toEqual(before);
    });

    test("what is saved inside is the state, not what is shown", () => {
      const { optimizer } = trained();
      const [before, inside]: Record<string, SavedArray>[] = [{}, {}];
      if (!before || !inside) throw new TypeError("two stores");
      optimizer.saveOwnVariables(before);
      optimizer.withAverage(() => optimizer.saveOwnVariables(inside));
      expect(inside).toEqual(before);
    });

    test("what an evaluation needs is still there inside", () => {
      const { optimizer } = trained();
      const inside = optimizer.withAverage(() => [
        optimizer.iterations,
        optimizer.learningRate,
        optimizer.getConfig().use_ema,
      ]);
      expect(inside).toEqual([3, 1, true]);
    });

    test("needs averages, a built optimizer and a function", () => {
      const v = new Variable(1);
      const plain = new RMSprop();
      plain.apply([1], [v]);
      const noAverages = errorOf(() => plain.withAverage(() => 1));
      expect(noAverages).toBeInstanceOf(StateError);
      expect(noAverages.message).toBe("RMSprop: withAverage needs averages. Pass useEma: true.");
      const unbuilt = errorOf(() => new RMSprop({ useEma: true }).withAverage(() => 1));
      expect(unbuilt).toBeInstanceOf(StateError);
      expect(unbuilt.message).toMatch(/^RMSprop: withAverage\(\) needs .+ not built\. Call build/);
      const { optimizer, variables } = trained();
      const noFunction = errorOf(() => optimizer.withAverage(Promise.resolve(1) as unknown as () => number));
      expect(complaintOf(noFunction.message)).toMatchObject({ owner: "SGD", received: "an object of Promise" });
      expect(variables.join(" ")).toBe(TRAINED);
    });

    test("works behind a LossScaleOptimizer", () => {
      const v = new Variable(10);
      const inner = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
      const optimizer = new LossScaleOptimizer(inner, { initialScale: 4 });
      for (let call = 0; call < 3; call++) optimizer.apply([4], [v]);
      expect(optimizer.withAverage(() => v.item())).toBe(7.75);
      expect(v.item()).toBe(7);
      optimizer.finalizeVariableValues([v]);
      expect(v.item()).toBe(7.75);
    });
  });

  test("averages under accumulation move in each call, and are the variable during the first update", () => {
    const v = new Variable(10);
    const options = { learningRate: 1, useEma: true, emaMomentum: 0.5, gradientAccumulationSteps: 2 };
    const optimizer = new SGD(options);
    const seen = Array.from({ length: 6 }, () => {
      optimizer.apply([1], [v]);
      return [v.item(), ...(optimizer.variables.find(({ name }) => name.endsWith("average"))?.value ?? [])];
    });
    expect(seen).toEqual([
      [10, 10],
      [9, 9],
      [9, 9],
      [8, 8.5],
      [8, 8.25],
      [7, 7.625],
    ]);
  });
});
