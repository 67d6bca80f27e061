// Moving averages: how they move, how they become the variables for good, and how they are only shown for a while.
import { LossScaleOptimizer, RMSprop, type SavedArray, SGD, StateError, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import {
  complaintOf,
  elementsOf,
  errorOf,
  hostOf,
  hostsOf,
  inTurn,
  onEveryEngine,
  readState,
  settled,
  textOf,
} from "./support.js";

/** Two variables after three steps of SGD with a rate of 1 and gradients of 1: values 7 and -3, averages above them. */
function trained(): { optimizer: InstanceType<typeof SGD>; variables: Variable[]; average: string } {
  const variables = [new Variable(10, { name: "a" }), new Variable([0, 0], { name: "b" })];
  const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
  for (let call = 0; call < 3; call++) optimizer.apply([1, [1, 1]], variables);
  return { optimizer, variables, average: "7.75 [-2.25, -2.25]" };
}

const TRAINED = "7.0 [-3.0, -3.0]";

onEveryEngine(() => {
  test("the average starts as the variable after the first update, then moves by emaMomentum", async () => {
    const v = new Variable(10);
    const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
    const seen = await inTurn([1, 1, 1, 1], async (gradient) => {
      optimizer.apply([gradient], [v]);
      return elementsOf([v, ...optimizer.variables.slice(2)]);
    });
    expect(seen).toEqual([
      [9, 9],
      [8, 8.5],
      [7, 7.75],
      [6, 6.875],
    ]);
  });

  test("emaOverwriteFrequency puts the average into the variable every so many updates", async () => {
    const v = new Variable(10);
    const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3 });
    const seen = await inTurn([1, 1, 1, 1], async (gradient) => {
      optimizer.apply([gradient], [v]);
      return (await hostOf(v)).item();
    });
    expect(seen).toEqual([9, 8, 7.75, 6.75]);
  });

  test("variables without a gradient are averaged, too", async () => {
    const { optimizer, variables } = trained();
    const [a] = variables;
    if (!a) throw new TypeError("no variable");
    optimizer.apply([1], [a]);
    const averages = await hostsOf(optimizer.variables.slice(2));
    expect(averages.map(({ value }) => [...value])).toEqual([[6.875], [-2.625, -2.625]]);
  });

  describe("finalizeVariableValues", () => {
    test("replaces the variables by their averages, and training goes on from there", async () => {
      const { optimizer, variables, average } = trained();
      optimizer.finalizeVariableValues(variables);
      expect(await textOf(variables)).toBe(average);
      optimizer.apply([1, [1, 1]]);
      expect(await textOf(variables)).toBe("6.75 [-3.25, -3.25]");
    });

    test("goes by the variable, in whatever order they come", async () => {
      const { optimizer, variables, average } = trained();
      optimizer.finalizeVariableValues([...variables].reverse());
      expect(await textOf(variables)).toBe(average);
    });

    test("does nothing without averages, built or not, as in Keras", async () => {
      const v = new Variable([1, 2]);
      const optimizer = new RMSprop();
      optimizer.finalizeVariableValues([v]);
      optimizer.apply([[1, 1]], [v]);
      const before = await readState(optimizer, [v]);
      optimizer.finalizeVariableValues([v]);
      expect(await readState(optimizer, [v])).toEqual(before);
    });

    test.each<readonly [string, (variables: Variable[]) => unknown]>([
      ["too few variables", ([a]) => [a]],
      ["too many variables", (variables) => [...variables, new Variable(1)]],
      ["an unknown variable", ([a]) => [a, new Variable([0, 0])]],
      ["the same variable twice", ([a]) => [a, a]],
      ["no array", ([a]) => a],
      ["nothing", () => undefined],
    ])("refuses %s, and changes nothing", async (_, variablesOf) => {
      const { optimizer, variables } = trained();
      const before = await readState(optimizer, variables);
      const error = errorOf(() => optimizer.finalizeVariableValues(variablesOf(variables) as Variable[]));
      expect(complaintOf(error.message)).toMatchObject({ owner: "SGD", argument: expect.stringMatching(/^variables/) });
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("before build, with averages, says what to do", () => {
      const error = errorOf(() => new RMSprop({ useEma: true }).finalizeVariableValues([]));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/^RMSprop: finalizeVariableValues\(\) needs .+ not built\. Call build/);
    });

    test("leaves variables without an average alone", async () => {
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
      expect(await textOf([taking, v])).toBe("[5.0, 6.0] [-0.5, 0.5]");
    });
  });

  describe("withAverage", () => {
    test("shows the averages to a function and returns its result", async () => {
      const { optimizer, variables, average } = trained();
      expect(await optimizer.withAverage(() => textOf(variables))).toBe(average);
      expect(await textOf(variables)).toBe(TRAINED);
    });

    test("shows the variables themselves before the first step, when there are no averages", async () => {
      const v = new Variable([1, 2]);
      const optimizer = new RMSprop({ useEma: true });
      optimizer.build([v]);
      expect(await optimizer.withAverage(() => textOf([v]))).toBe("[1.0, 2.0]");
      expect(await textOf([v])).toBe("[1.0, 2.0]");
    });

    test("shows them until a promise is settled", async () => {
      const { optimizer, variables, average } = trained();
      const before = await readState(optimizer, variables);
      const seen: string[] = [];
      let goOn: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const result = optimizer.withAverage(async () => {
        seen.push(await textOf(variables));
        await gate;
        seen.push(await textOf(variables));
        return 42;
      });
      expect(await textOf(variables)).toBe(average);
      goOn();
      expect(await result).toBe(42);
      expect(seen).toEqual([average, average]);
      expect(await readState(optimizer, variables)).toEqual(before);
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
      expect(await textOf(variables)).toBe(average);
      settle(42);
      expect(await result).toBe(42);
      await Promise.resolve();
      expect(await textOf(variables)).toBe(TRAINED);
    });

    test("puts the trained values back when the function throws", async () => {
      const { optimizer, variables } = trained();
      const before = await readState(optimizer, variables);
      const error = new Error("evaluation failed");
      const act = (): never => {
        throw error;
      };
      expect(errorOf(() => optimizer.withAverage(act))).toBe(error);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("puts them back when the promise is rejected", async () => {
      const { optimizer, variables } = trained();
      const before = await readState(optimizer, variables);
      const error = new Error("evaluation failed");
      await expect(optimizer.withAverage(() => Promise.reject(error))).rejects.toBe(error);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("puts them back whatever the function did to the variables, and the averages stay what they are", async () => {
      const { optimizer, variables } = trained();
      const before = await readState(optimizer, variables);
      optimizer.withAverage(() => {
        for (const v of variables) v.assign(new Float32Array(v.size).fill(77));
      });
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("puts the others back when one of the variables was disposed of inside", async () => {
      const { optimizer, variables } = trained();
      const [a, b] = variables;
      let error: unknown = null;
      try {
        optimizer.withAverage(() => a?.dispose());
      } catch (thrown) {
        error = thrown;
      }
      expect(await textOf([b])).toBe("[-3.0, -3.0]");
      expect(error === null || error instanceof StateError).toBe(true);
    });

    test("gives training back: a step afterwards is as if nothing had been shown", async () => {
      const [shown, twin] = [trained(), trained()];
      shown.optimizer.withAverage(() => undefined);
      for (const { optimizer } of [shown, twin]) optimizer.apply([1, [1, 1]]);
      expect(await readState(shown.optimizer, shown.variables)).toEqual(
        await readState(twin.optimizer, twin.variables),
      );
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
    test.each(REFUSED)("refuses %s inside, and all is as before afterwards", async (_, act) => {
      const scene = trained();
      const before = await readState(scene.optimizer, scene.variables);
      const error = scene.optimizer.withAverage(() => errorOf(() => act(scene)));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/^SGD: .*withAverage\(\)\..*\.$/);
      expect(await readState(scene.optimizer, scene.variables)).toEqual(before);
    });

    test("what is saved inside is the state, not what is shown", async () => {
      const { optimizer } = trained();
      const [before, inside]: Record<string, SavedArray>[] = [{}, {}];
      if (!before || !inside) throw new TypeError("two stores");
      await optimizer.saveOwnVariables(before);
      await optimizer.withAverage(() => optimizer.saveOwnVariables(inside));
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

    test("needs averages, a built optimizer and a function", async () => {
      const v = new Variable(1);
      const plain = new RMSprop();
      plain.apply([1], [v]);
      const noAverages = errorOf(() => plain.withAverage(() => 1));
      expect(noAverages).toBeInstanceOf(StateError);
      expect(noAverages.message).toBe("RMSprop: withAverage needs averages. Pass useEma: true.");
      const neither = errorOf(() => new RMSprop().withAverage(() => 1));
      expect(neither.message).toBe("RMSprop: withAverage needs averages. Pass useEma: true.");
      const unbuilt = errorOf(() => new RMSprop({ useEma: true }).withAverage(() => 1));
      expect(unbuilt).toBeInstanceOf(StateError);
      expect(unbuilt.message).toMatch(/^RMSprop: withAverage\(\) needs .+ not built\. Call build/);
      const { optimizer, variables } = trained();
      const noFunction = errorOf(() => optimizer.withAverage(Promise.resolve(1) as unknown as () => number));
      expect(complaintOf(noFunction.message)).toMatchObject({ owner: "SGD", received: "an object of Promise" });
      expect(await textOf(variables)).toBe(TRAINED);
    });

    test("works behind a LossScaleOptimizer", async () => {
      const v = new Variable(10);
      const inner = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
      const optimizer = new LossScaleOptimizer(inner, { initialScale: 4 });
      for (let call = 0; call < 3; call++) optimizer.apply([4], [v]);
      await settled(optimizer);
      expect(await optimizer.withAverage(async () => (await hostOf(v)).item())).toBe(7.75);
      expect((await hostOf(v)).item()).toBe(7);
      optimizer.finalizeVariableValues([v]);
      expect((await hostOf(v)).item()).toBe(7.75);
    });
  });

  test("averages under accumulation move in each call, and are the variable during the first update", async () => {
    const v = new Variable(10);
    const options = { learningRate: 1, useEma: true, emaMomentum: 0.5, gradientAccumulationSteps: 2 };
    const optimizer = new SGD(options);
    const seen = await inTurn([1, 1, 1, 1, 1, 1], async (gradient) => {
      optimizer.apply([gradient], [v]);
      return elementsOf([v, ...optimizer.variables.filter(({ name }) => name.endsWith("average"))]);
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
