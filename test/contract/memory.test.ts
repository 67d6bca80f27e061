// Memory: it is given back, it is zero when it is handed out again, views follow it when it grows, and nobody writes to
// what is not his any more. WebAssembly's memory is seen through the buffer of any variable.
import {
  type EngineName,
  type Gradient,
  LossScaleOptimizer,
  RMSprop,
  type RMSpropOptions,
  StateError,
  Variable,
} from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { choice, isWhole } from "../seed.js";
import { bitsOf, errorOf, numbersOf, onEveryEngine, stateOf } from "./support.js";

const EVERYTHING: RMSpropOptions = {
  ...{ learningRate: 0.01, momentum: 0.9, centered: true, weightDecay: 0.01, globalClipnorm: 1 },
  ...{ useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 },
};

/** In JavaScript each variable has a buffer of its own, which the garbage collector takes: there is nothing to see. */
const hasOneMemory = (engine: EngineName): boolean => engine === "wasm";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const byteLengthNow = (): number => {
  using probe = new Variable(0);
  return probe.value.buffer.byteLength;
};

/** The bytes in use after a first round that may grow memory, and after many more. */
function growthOf(round: (count: number) => void, rounds = isWhole ? 150 : 60): number {
  for (let i = 0; i < 5; i++) round(i);
  const before = byteLengthNow();
  for (let i = 0; i < rounds; i++) round(i);
  return byteLengthNow() - before;
}

/** The library with memory of its own, still small, so that it can be made to grow at once. */
async function freshLibrary(engine: EngineName, isolated: boolean) {
  vi.resetModules();
  // Pages that are not cross-origin isolated have no memory that threads can share.
  vi.stubGlobal("crossOriginIsolated", isolated);
  const library = await import("rmsprop");
  library.setEngine(engine);
  const byteLength = (): number => new library.Variable(0).value.buffer.byteLength;
  return {
    ...library,
    byteLength,
    /** A variable that does not fit into what is there, nor another one of its size into what is spare afterwards. */
    largeVariable: (value: number) => new library.Variable(new Float32Array(byteLength() / 4 + 600_000).fill(value)),
  };
}

const MEMORIES = [
  ["that threads can share", true],
  ["in a page that is not isolated", false],
] as const;

onEveryEngine((engine) => {
  describe.runIf(hasOneMemory(engine))("memory does not grow by", () => {
    test("variables in a loop", () => {
      expect(
        growthOf((i) => {
          const many = Array.from({ length: 20 }, (_, k) => new Variable(new Float32Array(100 * k + (i % 7) * 1000)));
          for (const each of many) each.dispose();
        }),
      ).toBe(0);
    });

    test("optimizers in a loop, with every slot there is and gradients as numbers", () => {
      const variables = [new Variable(numbersOf(1, 5000)), new Variable(numbersOf(2, 77))];
      const gradients: Gradient[] = [Array.from(numbersOf(3, 5000)), Array.from(numbersOf(4, 77))];
      expect(
        growthOf(() => {
          const optimizer = new RMSprop(EVERYTHING);
          for (let call = 0; call < 3; call++) optimizer.apply(gradients, variables);
          optimizer.dispose();
        }),
      ).toBe(0);
    });

    test("optimizers of plain arrays in a loop", () => {
      const variables = [numbersOf(1, 5000), numbersOf(2, 77)];
      const gradients = [numbersOf(3, 5000), numbersOf(4, 77)];
      expect(
        growthOf(() => {
          using optimizer = new RMSprop(EVERYTHING);
          for (let call = 0; call < 3; call++) optimizer.apply(gradients, variables);
        }),
      ).toBe(0);
    });

    test("steps in a loop, gradients that share memory with variables included", () => {
      const [a, b] = [new Variable(numbersOf(1, 5000)), new Variable(numbersOf(2, 5000))];
      const optimizer = new RMSprop(EVERYTHING);
      const forms: readonly (readonly Gradient[])[] = [
        [b, a],
        [b.value.slice(), Array.from(a.value)],
        [null, b],
      ];
      expect(growthOf((i) => optimizer.apply(forms[i % forms.length] ?? [], [a, b]))).toBe(0);
    });

    test("steps behind a LossScaleOptimizer in a loop, which look for what is not finite", () => {
      const variables = [new Variable(numbersOf(1, 5000)), new Variable(numbersOf(2, 77))];
      const optimizer = new LossScaleOptimizer(new RMSprop());
      const gradients = [numbersOf(3, 5000), new Variable(numbersOf(4, 77))];
      expect(growthOf(() => optimizer.apply(gradients, variables), isWhole ? 5000 : 1000)).toBe(0);
    });

    test("first steps that fail, in a loop", () => {
      const variables = [new Variable(numbersOf(1, 5000)), new Variable(numbersOf(2, 77))];
      const learningRate = (): number => {
        throw new Error("no learning rate today");
      };
      const optimizer = new RMSprop({ ...EVERYTHING, learningRate });
      expect(
        growthOf(() => errorOf(() => optimizer.apply([numbersOf(3, 5000), Array.from(numbersOf(4, 77))], variables))),
      ).toBe(0);
    });

    test("statelessApply in a loop", () => {
      const variables = [new Variable(numbersOf(1, 5000)), new Variable(numbersOf(2, 77))];
      const optimizer = new RMSprop(EVERYTHING);
      optimizer.build(variables);
      const state = optimizer.variables.map(({ value }) => value.slice());
      const gradients = [numbersOf(3, 5000), numbersOf(4, 77)];
      expect(growthOf(() => optimizer.statelessApply(state, gradients, variables), 100)).toBe(0);
    });

    test("a smaller variable in the place of a larger one, and the other way round", () => {
      expect(
        growthOf((i) => {
          const first = new Variable(new Float32Array(100_000));
          const kept = new Variable(new Float32Array(10));
          first.dispose();
          const second = new Variable(new Float32Array(i % 2 === 0 ? 40_000 : 100_000));
          kept.dispose();
          second.dispose();
        }),
      ).toBe(0);
    });
  });

  test("memory that is handed out again is zero", () => {
    for (let i = 0; i < 20; i++) {
      const old = new Variable(new Float32Array(64).fill(7));
      old.dispose();
      const variable = new Variable(numbersOf(i, 64));
      const optimizer = new RMSprop(EVERYTHING);
      optimizer.build([variable]);
      for (const { name, value } of optimizer.variables.slice(2))
        expect(
          value.every((x) => x === 0),
          name,
        ).toBe(true);
      optimizer.dispose();
      variable.dispose();
    }
  });

  test("dispose can be called twice, and gives back once", () => {
    const [a, b] = [new Variable([1, 2]), new Variable([3, 4])];
    a.dispose();
    a.dispose();
    const [c, d] = [new Variable([5, 6]), new Variable([7, 8])];
    const optimizer = new RMSprop();
    optimizer.apply([[1, 1]], [b]);
    optimizer.dispose();
    optimizer.dispose();
    const e = new Variable([9, 10]);
    expect([b, c, d, e].join(" ")).toMatch(/^\[2\.99\d*, 3\.99\d*\] \[5\.0, 6\.0\] \[7\.0, 8\.0\] \[9\.0, 10\.0\]$/);
  });

  test("disposing of an optimizer leaves the variables alone, and of a variable the optimizer's state", () => {
    const v = new Variable([1, 2]);
    const optimizer = new RMSprop({ learningRate: 0.5 });
    optimizer.apply([[1, 1]], [v]);
    const slot = bitsOf(optimizer.variables[2]?.value ?? []);
    const text = `${v}`;
    v.dispose();
    expect(bitsOf(optimizer.variables[2]?.value ?? [])).toBe(slot);
    const w = new Variable([1, 2]);
    const other = new RMSprop({ learningRate: 0.5 });
    other.apply([[1, 1]], [w]);
    other.dispose();
    expect(`${w}`).toBe(text);
  });

  // Without one memory there is less to see: `npm test` looks once.
  describe.each(hasOneMemory(engine) ? MEMORIES : choice(MEMORIES, 2))("when memory grows %s", (_, isolated) => {
    test("value is a view of the present memory, with the same elements", async () => {
      const { Variable, largeVariable } = await freshLibrary(engine, isolated);
      const v = new Variable(numbersOf(1, 100));
      const view = v.value;
      const before = bitsOf(view);
      largeVariable(0);
      // Compared here, as what was detached cannot be printed.
      if (hasOneMemory(engine)) expect(v.value === view).toBe(false);
      expect(bitsOf(v.value)).toBe(before);
      v.value[0] = 42;
      expect(v.value[0]).toBe(42);
    });

    test("steps go on as if it had not", async () => {
      const { Variable, RMSprop, largeVariable } = await freshLibrary(engine, isolated);
      const [v, twin] = [new Variable(numbersOf(1, 100)), numbersOf(1, 100)];
      const [optimizer, other] = [new RMSprop(EVERYTHING), new RMSprop(EVERYTHING)];
      for (let call = 0; call < 6; call++) {
        optimizer.apply([numbersOf(call, 100)], [v]);
        if (call < 3) largeVariable(0);
        other.apply([numbersOf(call, 100)], [twin]);
      }
      expect(bitsOf(v.value)).toBe(bitsOf(twin));
      expect(optimizer.variables.map(({ value }) => bitsOf(value))).toEqual(
        other.variables.map(({ value }) => bitsOf(value)),
      );
    });

    /** The first elements after one step of RMSprop with a learning rate of 0.1. */
    const stepped = (value: number, gradient: number): number => {
      const array = Float32Array.of(value);
      new RMSprop({ learningRate: 0.1 }).apply([gradient], [array]);
      return array[0] ?? Number.NaN;
    };

    test("in the first step, because of its slots, the view of engine memory as a gradient counts", async () => {
      const { Variable, RMSprop, largeVariable, byteLength } = await freshLibrary(engine, isolated);
      const v = largeVariable(1);
      const gradient = new Variable(new Float32Array(v.size).fill(2));
      const optimizer = new RMSprop({ learningRate: 0.1, centered: true, useEma: true });
      const before = byteLength();
      optimizer.apply([gradient.value], [v]);
      if (hasOneMemory(engine)) expect(byteLength()).toBeGreaterThan(before);
      const expected = new Variable([1]);
      new RMSprop({ learningRate: 0.1, centered: true }).apply([2], [expected]);
      expect([v.value[0], v.value[v.size - 1]]).toEqual([expected.item(), expected.item()]);
    });

    test.each([
      ["before", 1],
      ["after", 0],
    ])("in a step, because numbers are copied, the view of a gradient that stands %s them counts", async (_, at) => {
      const { Variable, RMSprop, largeVariable, byteLength } = await freshLibrary(engine, isolated);
      const small = new Variable(new Float32Array(8).fill(3));
      const gradient = new Variable(new Float32Array(8).fill(2));
      const large = largeVariable(1);
      const optimizer = new RMSprop({ learningRate: 0.1 });
      optimizer.build([small, large]);
      const before = byteLength();
      const gradients: Gradient[] = [gradient.value, Array.from({ length: large.size }, () => 2)];
      const variables = [small, large];
      if (at === 0) for (const list of [gradients, variables]) list.reverse();
      optimizer.apply(gradients, variables);
      if (hasOneMemory(engine)) expect(byteLength()).toBeGreaterThan(before);
      expect([...small.value]).toEqual(Array.from({ length: 8 }, () => stepped(3, 2)));
      expect([large.value[0], large.value[large.size - 1]]).toEqual([stepped(1, 2), stepped(1, 2)]);
    });

    test("in a step, because gradients that are variables are copied, those that follow count", async () => {
      const { RMSprop, Variable, largeVariable, byteLength } = await freshLibrary(engine, isolated);
      const a = largeVariable(1);
      const b = new Variable(new Float32Array(a.size).fill(3));
      const optimizer = new RMSprop({ learningRate: 0.1 });
      optimizer.build([a, b]);
      const before = byteLength();
      optimizer.apply([b.value, a.value]);
      if (hasOneMemory(engine)) expect(byteLength()).toBeGreaterThan(before);
      expect([a.value[a.size - 1], b.value[b.size - 1]]).toEqual([stepped(1, 3), stepped(3, 1)]);
    });

    test("because a learning-rate function makes variables, the step is the same", async () => {
      const { Variable, RMSprop, largeVariable } = await freshLibrary(engine, isolated);
      const learningRate = (): number => (largeVariable(0).size > 0 ? 0.1 : 0);
      const [v, gradient] = [new Variable([1, 2]), new Variable([3, 4])];
      new RMSprop({ learningRate }).apply([gradient.value], [v]);
      expect([...v.value]).toEqual([stepped(1, 3), stepped(2, 4)]);
    });

    test("a plain array that was such a view is refused from then on, and the message says why", async () => {
      const { Variable, RMSprop, largeVariable } = await freshLibrary(engine, isolated);
      const [owner, optimizer] = [new Variable([1, 2]), new RMSprop()];
      const view = owner.value;
      const act = (): void => {
        optimizer.apply([[1, 1]], [view]);
        largeVariable(0);
        optimizer.apply([[1, 1]], [view]);
      };
      if (!hasOneMemory(engine)) return act();
      expect(errorOf(act).message).toMatch(/^RMSprop: .*variable.* [A-Z].+\.$/s);
      expect(`${owner}`).toMatch(/^\[(1|0\.99\d*)(\.0)?, (2|1\.99\d*)(\.0)?\]$/);
    });
  });

  describe.runIf(hasOneMemory(engine)).each(MEMORIES)("when memory cannot grow %s", (_, isolated) => {
    const refuse = () =>
      vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
        throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
      });

    test("a new variable throws a MemoryError that says how much was asked for, and no memory is lost", async () => {
      const { Variable, MemoryError, byteLength } = await freshLibrary(engine, isolated);
      const value = new Float32Array(byteLength());
      const spy = refuse();
      const error = errorOf(() => new Variable(value));
      spy.mockRestore();
      expect(error).toBeInstanceOf(MemoryError);
      expect(error.message).toMatch(
        /^rmsprop: WebAssembly memory could not grow by \d+ bytes; \d+ bytes are in use, and \d+ is the limit\. Dispose of .+\.$/,
      );
      expect(error instanceof MemoryError && error.byteLength >= value.byteLength / 2).toBe(true);
      expect(new Variable(value).size).toBe(value.length);
    });

    test("build and a first step throw and leave the optimizer unbuilt; both work when there is room again", async () => {
      const { RMSprop, MemoryError, largeVariable } = await freshLibrary(engine, isolated);
      const v = largeVariable(1);
      const optimizer = new RMSprop({ ...EVERYTHING, gradientAccumulationSteps: null });
      const spy = refuse();
      expect(errorOf(() => optimizer.build([v]))).toBeInstanceOf(MemoryError);
      expect(errorOf(() => optimizer.apply([v.value.slice()], [v]))).toBeInstanceOf(MemoryError);
      expect([optimizer.built, optimizer.iterations, optimizer.variables.length, v.value[0]]).toEqual([false, 0, 2, 1]);
      spy.mockRestore();
      optimizer.apply([v.value.slice()], [v]);
      expect(optimizer.iterations).toBe(1);
    });

    test("a step that needs a copy of a gradient throws and changes nothing", async () => {
      const { Variable, RMSprop, MemoryError, largeVariable } = await freshLibrary(engine, isolated);
      const [a, b] = [new Variable([1, 2]), largeVariable(3)];
      const optimizer = new RMSprop({ learningRate: 0.1 });
      optimizer.build([a, b]);
      const numbers = Array.from({ length: b.size }, () => 1);
      const spy = refuse();
      expect(errorOf(() => optimizer.apply([[1, 1], numbers]))).toBeInstanceOf(MemoryError);
      spy.mockRestore();
      expect([optimizer.iterations, `${a}`, b.value[0]]).toEqual([0, "[1.0, 2.0]", 3]);
      expect(optimizer.variables.slice(2).every(({ value }) => value.every((x) => x === 0))).toBe(true);
      optimizer.apply([[1, 1], numbers]);
      expect(optimizer.iterations).toBe(1);
    });
  });

  describe("after a variable was disposed of", () => {
    const disposedPair = (options: RMSpropOptions) => {
      const [a, b] = [new Variable([1, 2], { name: "a" }), new Variable([3, 4], { name: "b" })];
      const optimizer = new RMSprop({ learningRate: 0.1, ...options });
      optimizer.apply([numbersOf(1, 2), numbersOf(2, 2)], [a, b]);
      const state = optimizer.variables.map(({ value }) => value.slice());
      b.dispose();
      // Very likely in the place of the other one.
      const next = new Variable([100, 200]);
      return { a, b, optimizer, next, state };
    };
    type Disposed = ReturnType<typeof disposedPair>;

    const USES: readonly (readonly [string, RMSpropOptions, (of: Disposed) => unknown])[] = [
      [
        "a step of all",
        {},
        ({ optimizer }) =>
          optimizer.apply([
            [1, 1],
            [1, 1],
          ]),
      ],
      ["a step of it", {}, ({ optimizer, b }) => optimizer.apply([[1, 1]], [b])],
      ["a step that averages all", { useEma: true }, ({ optimizer, a }) => optimizer.apply([[1, 1]], [a])],
      [
        "a step that overwrites all by their averages",
        { useEma: true, emaOverwriteFrequency: 1 },
        ({ optimizer, a }) => optimizer.apply([[1, 1]], [a]),
      ],
      ["finalize", { useEma: true }, ({ optimizer, a, b }) => optimizer.finalizeVariableValues([a, b])],
      [
        "withAverage",
        { useEma: true },
        ({ optimizer, next }) => optimizer.withAverage(() => expect(`${next}`).toBe("[100.0, 200.0]")),
      ],
      [
        "statelessApply",
        {},
        ({ optimizer, state }) =>
          optimizer.statelessApply(
            state,
            [
              [1, 1],
              [1, 1],
            ],
            [
              [1, 1],
              [1, 1],
            ],
          ),
      ],
      ["build", {}, ({ a, b }) => new RMSprop().build([a, b])],
    ];

    test.each(USES)("%s is refused by name, and the next variable in its place is left alone", (_, options, use) => {
      const disposed = disposedPair(options);
      const before = stateOf(disposed.optimizer, [disposed.a]);
      const error = errorOf(() => use(disposed));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/\bb,? was disposed\. Make .+\.$/);
      expect(`${disposed.next}`).toBe("[100.0, 200.0]");
      expect(stateOf(disposed.optimizer, [disposed.a])).toEqual(before);
    });

    const MEMBERS: readonly (readonly [string, (v: Variable) => unknown])[] = [
      ["value", (v) => v.value],
      ["item()", (v) => v.item()],
      ["toArray()", (v) => v.toArray()],
      ["toString()", (v) => `${v}`],
      ["assign()", (v) => v.assign(1)],
      ["assignAdd()", (v) => v.assignAdd(1)],
      ["assignSub()", (v) => v.assignSub(1)],
      ["a copy", (v) => new Variable(v)],
      ["its use as a gradient", (v) => new RMSprop().apply([v], [new Variable(1)])],
      ["its use as a value", (v) => new Variable(1).assign(v)],
    ];
    test.each(MEMBERS)("%s is refused", (_, use) => {
      const v = new Variable(1, { name: "old" });
      v.dispose();
      expect(v.disposed).toBe(true);
      const error = errorOf(() => use(v));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/\bold was disposed\. Make a new one\.$/);
    });
  });

  describe("after an optimizer was disposed of", () => {
    const USES: readonly (readonly [string, (optimizer: RMSprop, v: Variable) => unknown])[] = [
      ["apply", (optimizer, v) => optimizer.apply([[1, 1]], [v])],
      ["apply without variables", (optimizer) => optimizer.apply([[1, 1]])],
      ["applyGradients", (optimizer, v) => optimizer.applyGradients([[[1, 1], v]])],
      ["minimize", (optimizer, v) => optimizer.minimize(() => ({ value: 1, gradients: [[1, 1]] }), [v])],
      ["build", (optimizer, v) => optimizer.build([v])],
      ["setWeights", (optimizer) => optimizer.setWeights([0, 0.1, [1, 1], [1, 1]])],
      ["loadOwnVariables", (optimizer) => optimizer.loadOwnVariables({ 0: 0, 1: 0.1, 2: [1, 1], 3: [1, 1] })],
      ["finalizeVariableValues", (optimizer, v) => optimizer.finalizeVariableValues([v])],
      ["withAverage", (optimizer) => optimizer.withAverage(() => 1)],
      ["statelessApply", (optimizer) => optimizer.statelessApply([], [], [])],
    ];
    test.each(USES)("%s is refused, and the variable stays as it is", (_, use) => {
      const v = new Variable([1, 2]);
      const optimizer = new RMSprop({ useEma: true, name: "mine" });
      optimizer.apply([[1, 1]], [v]);
      const before = `${v}`;
      optimizer.dispose();
      const error = errorOf(() => use(optimizer, v));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toBe("RMSprop: mine was disposed. Make a new one.");
      expect(`${v}`).toBe(before);
    });

    test("a slot that was kept does not write to what is in its place now", () => {
      const v = new Variable([1, 2]);
      const optimizer = new RMSprop();
      optimizer.apply([[1, 1]], [v]);
      const velocity = optimizer.variables[2];
      optimizer.dispose();
      const next = new Variable([100, 200]);
      try {
        velocity?.assign([7, 7]);
      } catch (error) {
        expect(error).toBeInstanceOf(StateError);
      }
      expect(`${next}`).toBe("[100.0, 200.0]");
    });
  });

  test("using gives memory back at the end of a block", () => {
    let seen: Variable;
    {
      using v = new Variable([1, 2]);
      using optimizer = new RMSprop();
      optimizer.apply([[1, 1]], [v]);
      seen = v;
      expect(v.disposed).toBe(false);
    }
    expect(seen.disposed).toBe(true);
  });
});
