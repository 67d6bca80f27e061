// Gradients, values and states that share memory with what a step writes: all are read as they were before it.
import { type FloatArray, type Gradient, RMSprop, type RMSpropOptions, setEngine, Variable } from "rmsprop";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { choice } from "../seed.js";
import { bitsOf, hostOf, inTurn, numbersOf, onEveryEngine, readState, stateOf, textOf } from "./support.js";

// That variables have no gradient is meant here.
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const FORMS: readonly (readonly [string, RMSpropOptions])[] = [
  ["plain", {}],
  ["centered, with momentum", { centered: true, momentum: 0.9 }],
  ["with decay and a global norm", { weightDecay: 0.1, globalClipnorm: 0.5 }],
  ["with accumulation", { gradientAccumulationSteps: 2 }],
  ["with averages that overwrite", { useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 1 }],
];

const SIZE = 37;

interface Pair {
  readonly a: Variable;
  readonly b: Variable;
  readonly optimizer: RMSprop;
}

function pairOf(options: RMSpropOptions): Pair {
  const a = new Variable(numbersOf(1, SIZE), { name: "a" });
  const b = new Variable(numbersOf(2, SIZE), { name: "b" });
  const optimizer = new RMSprop({ learningRate: 0.1, ...options });
  // Slots of nothing but zeros would stay so, whatever is read of them.
  optimizer.apply([numbersOf(11, SIZE), numbersOf(12, SIZE)], [a, b]);
  return { a, b, optimizer };
}

/**
 * Which slots, counted over all kinds and both variables, become the gradients of both variables. `npm test` takes a quarter
 * with each form, `npm run test:package` all.
 */
const SLOT_PAIRS: readonly (readonly [number, number])[] = Array.from({ length: 8 }, (_, i) => [
  [i, i + 1] as const,
  [i + 1, i] as const,
  [i, i] as const,
]).flat();

/** An optimizer after two steps, so that nothing of its state is zero. */
function stepped(kind: "Variables" | "arrays", options: RMSpropOptions) {
  const values = [numbersOf(1, SIZE), numbersOf(2, SIZE)];
  const variables = kind === "arrays" ? values : values.map((value, i) => new Variable(value, { name: `v${i}` }));
  const optimizer = new RMSprop({ learningRate: 0.1, ...options });
  for (let call = 0; call < 3; call++) optimizer.apply([numbersOf(11, SIZE), numbersOf(12, SIZE)], variables);
  return { variables, optimizer };
}

function slotsOf({ variables }: RMSprop): FloatArray[] {
  return variables.flatMap(({ slot, value }) => (slot === null || value instanceof Int32Array ? [] : [value]));
}

/** Slots as gradients: the last slot of a, and that of b. */
function lastSlots({ optimizer }: Pair): [FloatArray, FloatArray] {
  const [ofA, ofB] = optimizer.variables.slice(-2).map(({ value }) => value);
  if (ofA instanceof Int32Array || ofB instanceof Int32Array || !ofA || !ofB) throw new TypeError("no slots");
  return [ofA, ofB];
}

/** What is passed, and copies of it: both must give the same step. */
const ALIASES: readonly (readonly [string, (pair: Pair) => readonly Gradient[]])[] = [
  ["each variable as the gradient of the other", ({ a, b }) => [b, a]],
  ["each variable's memory as the gradient of the other", ({ a, b }) => [b.value, a.value]],
  ["each variable as its own gradient", ({ a, b }) => [a, b]],
  ["each variable's memory as its own gradient", ({ a, b }) => [a.value, b.value]],
  ["the first variable as both gradients", ({ a }) => [a, a]],
  ["the second variable as both gradients", ({ b }) => [b.value, b.value]],
  ["slots as gradients of the other variable", (pair) => lastSlots(pair).reverse()],
  ["the first variable's slot as both gradients", (pair) => [lastSlots(pair)[0], lastSlots(pair)[0]]],
  ["the variable and null", ({ a }) => [null, a]],
];

async function copied(gradient: Gradient): Promise<Gradient> {
  if (gradient instanceof Variable) return (await hostOf(gradient)).value.slice();
  return ArrayBuffer.isView(gradient) ? (gradient as FloatArray).slice() : gradient;
}

onEveryEngine((engine) => {
  for (const [form, options] of FORMS) {
    test.each(ALIASES)(`%s: a step takes gradients as they were before it (${form})`, async (_, gradientsOf) => {
      const [aliased, apart] = [pairOf(options), pairOf(options)];
      for (let call = 0; call < 4; call++) {
        aliased.optimizer.apply(gradientsOf(aliased));
        apart.optimizer.apply(await inTurn(gradientsOf(apart), copied));
      }
      expect(await readState(aliased.optimizer, [aliased.a, aliased.b])).toEqual(
        await readState(apart.optimizer, [apart.a, apart.b]),
      );
    });
  }

  for (const [row, [form, options]] of FORMS.entries()) {
    for (const kind of ["Variables", "arrays"] as const) {
      test(`any part of the state of ${kind} as gradients: read as it was before the step (${form})`, () => {
        for (const [first, second] of choice(SLOT_PAIRS, 4, row)) {
          const [aliased, apart] = [stepped(kind, options), stepped(kind, options)];
          for (let call = 0; call < 3; call++) {
            const slots = slotsOf(aliased.optimizer);
            const count = slots.length;
            aliased.optimizer.apply([slots[first % count] ?? null, slots[second % count] ?? null]);
            const copies = slotsOf(apart.optimizer).map((slot) => slot.slice());
            apart.optimizer.apply([copies[first % count] ?? null, copies[second % count] ?? null]);
          }
          expect(stateOf(aliased.optimizer, aliased.variables)).toEqual(stateOf(apart.optimizer, apart.variables));
        }
      });
    }
  }

  test("the state of another optimizer as gradients is not what the step writes", () => {
    const [pair, twin, other] = [pairOf({}), pairOf({}), pairOf({ momentum: 0.9 })];
    for (let call = 0; call < 3; call++) {
      pair.optimizer.apply(lastSlots(other));
      twin.optimizer.apply(lastSlots(other).map((slot) => slot.slice()));
    }
    expect(stateOf(pair.optimizer, [pair.a, pair.b])).toEqual(stateOf(twin.optimizer, [twin.a, twin.b]));
  });

  test("a part of a slot, and of the slot and what lies beyond it, as a gradient", () => {
    const make = () => {
      const variables = [
        new Variable(numbersOf(1, 200)),
        new Variable(numbersOf(2, 20)),
        new Variable(numbersOf(3, 20)),
      ];
      const optimizer = new RMSprop({ learningRate: 0.1 });
      optimizer.apply([numbersOf(4, 200), numbersOf(5, 20), numbersOf(6, 20)], variables);
      return { variables, optimizer };
    };
    const kept: ReturnType<typeof make>[] = [];
    // Beyond the slot lies the next one, wherever memory was free before: what is kept is not used again.
    const makeAdjacent = (): ReturnType<typeof make> => {
      for (;;) {
        const made = make();
        kept.push(made);
        const [slot, next] = slotsOf(made.optimizer);
        if (slot?.buffer !== next?.buffer) return made;
        const between = (next?.byteOffset ?? 0) - (slot?.byteOffset ?? 0) - (slot?.byteLength ?? 0);
        if (between >= 0 && between < 64) return made;
        if (kept.length > 1000) throw new Error("slots of one optimizer are never side by side");
      }
    };
    for (const at of [0, 1, 90, 180, 190]) {
      const [aliased, apart] = [makeAdjacent(), makeAdjacent()];
      const part = (of: typeof aliased): FloatArray => {
        const [slot = new Float32Array()] = slotsOf(of.optimizer);
        const bytes = slot.byteOffset + at * slot.BYTES_PER_ELEMENT;
        return bytes + 80 > slot.buffer.byteLength ? slot.subarray(0, 20) : new Float32Array(slot.buffer, bytes, 20);
      };
      const copy = part(aliased).slice();
      apart.optimizer.apply([numbersOf(7, 200), copy, copy]);
      aliased.optimizer.apply([numbersOf(7, 200), part(aliased), part(aliased)]);
      const texts = [aliased, apart].map(({ variables }) => variables.map(({ value }) => bitsOf(value)));
      expect(texts[0]).toEqual(texts[1]);
    }
  });

  test("variables in another order, each the gradient of the other", async () => {
    const [aliased, apart] = [pairOf({}), pairOf({})];
    aliased.optimizer.apply([aliased.a, aliased.b], [aliased.b, aliased.a]);
    apart.optimizer.apply(await inTurn([apart.a, apart.b], copied), [apart.b, apart.a]);
    expect(await readState(aliased.optimizer, [aliased.a, aliased.b])).toEqual(
      await readState(apart.optimizer, [apart.a, apart.b]),
    );
  });

  const DISTANCES: readonly (readonly [number, number])[] = [
    [0, 1],
    [1, 0],
    [0, 4],
    [4, 0],
    [0, 17],
    [17, 0],
  ];
  for (const size of [5, 64, 600, 5000]) {
    test.each(DISTANCES)(
      `a variable at %i of a buffer, its gradient at %i, ${size} elements each`,
      (at, gradientAt) => {
        const buffer = numbersOf(3, size + 20);
        const variable = buffer.subarray(at, at + size);
        const gradient = buffer.subarray(gradientAt, gradientAt + size);
        const apart = variable.slice();
        const expected = new RMSprop({ learningRate: 0.1 });
        expected.apply([gradient.slice()], [apart]);
        new RMSprop({ learningRate: 0.1 }).apply([gradient], [variable]);
        expect(bitsOf(variable)).toBe(bitsOf(apart));
      },
    );

    test.each(DISTANCES)(
      `a view of engine memory at %i, its gradient at %i, ${size} elements each`,
      (at, gradientAt) => {
        const whole = new Variable(numbersOf(3, size + 20));
        const other = new Variable(numbersOf(4, size));
        const optimizer = new RMSprop({ learningRate: 0.1 });
        const twin = new RMSprop({ learningRate: 0.1 });
        const [expected, expectedOther] = [new Variable(whole), new Variable(other)];
        optimizer.build([whole, other]);
        twin.build([expected, expectedOther]);
        const part = (of: Variable): FloatArray => of.value.subarray(gradientAt, gradientAt + size);
        const shifted = numbersOf(5, size + 20);
        shifted.set(part(whole), at);
        twin.apply([shifted, part(expected).slice()]);
        optimizer.apply([shifted, part(whole)]);
        expect([bitsOf(whole.value), bitsOf(other.value)]).toEqual([
          bitsOf(expected.value),
          bitsOf(expectedOther.value),
        ]);
      },
    );
  }

  test("the variables of the other engine are gradients of each other", () => {
    setEngine(engine === "js" ? "wasm" : "js");
    const foreign = [numbersOf(1, SIZE), numbersOf(2, SIZE)].map((value) => new Variable(value));
    setEngine(engine);
    const apart = [numbersOf(1, SIZE), numbersOf(2, SIZE), numbersOf(3, SIZE)];
    const own = new Variable(numbersOf(3, SIZE));
    const [first, second] = foreign;
    if (!first || !second) throw new TypeError("no variables");
    const [optimizer, twin] = [new RMSprop({ learningRate: 0.1 }), new RMSprop({ learningRate: 0.1 })];
    for (let call = 0; call < 3; call++) {
      twin.apply(
        [1, 2, 0].map((i) => apart[i]?.slice() ?? null),
        apart,
      );
      optimizer.apply([second.value, own, first], [first, second, own]);
    }
    expect([first, second, own].map(({ value }) => bitsOf(value))).toEqual(apart.map(bitsOf));
  });

  test("a variable that takes its gradient as its value, and is a gradient itself", async () => {
    const taking = new Variable([1, 2], { overwriteWithGradient: true });
    const trained = new Variable([3, 4]);
    const optimizer = new RMSprop({ learningRate: 0.5 });
    const twin = [new Variable([1, 2], { overwriteWithGradient: true }), new Variable([3, 4])];
    new RMSprop({ learningRate: 0.5 }).apply(
      [
        [3, 4],
        [1, 2],
      ],
      twin,
    );
    optimizer.apply([trained, taking], [taking, trained]);
    expect(await textOf([taking, trained])).toBe(await textOf(twin));
  });

  test("statelessApply with the variables in another order, as values", () => {
    const { a, b, optimizer } = pairOf({});
    const before = [a, b].map(({ value }) => value.slice());
    const state = optimizer.variables.map(({ value }) => value.slice());
    const zeros = new Float32Array(SIZE);
    const [trained] = optimizer.statelessApply(state, [zeros, zeros], [b, a]);
    expect(trained.map(bitsOf)).toEqual([...before].reverse().map(bitsOf));
    expect([a, b].map(({ value }) => bitsOf(value))).toEqual(before.map(bitsOf));
  });

  test.each([
    ["itself", ({ a, b }: Pair) => [a, b]],
    ["its memory", ({ a, b }: Pair) => [a.value, b.value]],
  ] as const)(
    "statelessApply with the variable %s as gradient takes its value from before the call",
    (_, gradientsOf) => {
      const pair = pairOf({});
      const state = pair.optimizer.variables.map(({ value }) => value.slice());
      const values = [numbersOf(7, SIZE), numbersOf(8, SIZE)];
      const copies = [pair.a, pair.b].map(({ value }) => value.slice());
      const expected = pair.optimizer.statelessApply(state, copies, values);
      expect(pair.optimizer.statelessApply(state, gradientsOf(pair), values)).toEqual(expected);
    },
  );

  test("statelessApply with the optimizer's own state, live", () => {
    const { a, b, optimizer } = pairOf({ momentum: 0.9 });
    optimizer.apply([numbersOf(5, SIZE), numbersOf(6, SIZE)]);
    const state = optimizer.variables.map(({ value }) => value.slice());
    const gradients = [numbersOf(7, SIZE), numbersOf(8, SIZE)];
    const expected = optimizer.statelessApply(state, gradients, [a, b]);
    const live = optimizer.variables.map(({ value }) => value);
    expect(optimizer.statelessApply(live, gradients, [a.value, b.value])).toEqual(expected);
  });

  test("setWeights with two slots exchanged, live", () => {
    const { optimizer } = pairOf({});
    optimizer.apply([numbersOf(5, SIZE), numbersOf(6, SIZE)]);
    const [iteration, rate, ofA, ofB] = optimizer.variables.map(({ value }) => value);
    if (!iteration || !rate || !ofA || !ofB) throw new TypeError("no slots");
    const expected = [bitsOf(ofB), bitsOf(ofA)];
    optimizer.setWeights([iteration, rate, ofB, ofA]);
    expect(optimizer.variables.slice(2).map(({ value }) => bitsOf(value))).toEqual(expected);
  });

  test("assign with a shifted view of the variable itself", async () => {
    const v = new Variable([1, 2, 3, 4, 5, 6]);
    const shifted = (by: number): Float32Array => new Float32Array(v.value.buffer, v.value.byteOffset + 4 * by, 5);
    const part = new Variable([0, 0, 0, 0, 0]);
    part.assign(shifted(1));
    expect((await hostOf(part)).toArray()).toEqual([2, 3, 4, 5, 6]);
    v.assignAdd(v);
    expect((await hostOf(v)).toArray()).toEqual([2, 4, 6, 8, 10, 12]);
    v.assignSub(v);
    expect((await hostOf(v)).toArray()).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
