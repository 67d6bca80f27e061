// Long runs over the same objects. What an engine keeps from step to step must not show: a run that uses the same lists,
// arrays and Variables again and again is equal in every bit to one that makes everything anew for each call.

import {
  type EngineName,
  type FloatArray,
  type Gradient,
  LossScaleOptimizer,
  RMSprop,
  type RMSpropOptions,
  SGD,
  StateError,
  setEngine,
  Variable,
  type VariableLike,
} from "rmsprop";
import { beforeEach, expect, test, vi } from "vitest";
import fc from "../property.js";
import {
  ENGINES,
  errorOf,
  hostOf,
  inTurn,
  numbersOf,
  ON_DEVICE,
  onEveryEngine,
  readState,
  runsOf,
  valuesOf,
} from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

const SIZES = [5, 0, 130, 1] as const;

type Action =
  | {
      readonly kind: "apply";
      readonly form: "Variables" | "arrays" | "numbers" | "variables";
      readonly used: readonly boolean[];
      readonly missing: readonly boolean[];
      readonly reversed: boolean;
      readonly named: boolean;
      readonly seed: number;
      readonly fails: "no" | "learning rate" | "length" | "late";
    }
  | { readonly kind: "assign"; readonly at: number; readonly seed: number }
  | { readonly kind: "scale"; readonly value: number | null }
  | { readonly kind: "rate"; readonly value: number }
  | { readonly kind: "grow" | "dispose another" | "reload" | "average" | "stateless" | "finalize" };

interface Sequence {
  readonly plain: boolean;
  readonly scaled: boolean;
  readonly options: RMSpropOptions;
  readonly actions: readonly Action[];
}

const flags = fc.array(fc.boolean(), { minLength: SIZES.length, maxLength: SIZES.length });
const mostly = fc.array(
  fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  { minLength: SIZES.length, maxLength: SIZES.length },
);

const KINDS = ["grow", "dispose another", "reload", "average", "finalize"] as const;

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      form: fc.constantFrom("Variables", "Variables", "arrays", "arrays", "numbers", "variables"),
      used: fc.oneof(fc.constant([true, true, true, true]), flags),
      missing: fc.oneof(fc.constant([false, false, false, false]), mostly),
      reversed: fc.boolean(),
      named: fc.boolean(),
      // Few values, so that calls are often exactly those of before.
      seed: fc.integer({ min: 0, max: 3 }),
      fails: fc.constantFrom("no", "no", "no", "no", "learning rate", "length", "late"),
    }),
  },
  fc.record({ kind: fc.constant("assign" as const), at: fc.integer({ min: 0, max: 3 }), seed: fc.nat() }),
  fc.record({ kind: fc.constant("scale" as const), value: fc.constantFrom(null, 2, 8) }),
  fc.record({ kind: fc.constant("rate" as const), value: fc.constantFrom(0.1, 0.01) }),
  fc.record({ kind: ON_DEVICE ? fc.constantFrom(...KINDS) : fc.constantFrom(...KINDS, "stateless") }),
);

const sequences: fc.Arbitrary<Sequence> = fc.record({
  plain: ON_DEVICE ? fc.constant(false) : fc.boolean(),
  scaled: fc.boolean(),
  options: fc.record({
    momentum: fc.constantFrom(0, 0.9),
    centered: fc.boolean(),
    weightDecay: fc.constantFrom(null, 0.01),
    clipnorm: fc.constantFrom(null, 0.5),
    useEma: fc.boolean(),
    emaOverwriteFrequency: fc.constantFrom(null, 2),
    gradientAccumulationSteps: fc.constantFrom(null, 2, 3),
  }),
  actions: fc.array(action, { minLength: 1, maxLength: 16 }),
});

/** One run of a sequence: with the same objects throughout, or with new ones for each call. */
class Run {
  readonly #again: boolean;
  readonly #variables: readonly VariableLike[];
  readonly #inner: RMSprop;
  readonly #optimizer: RMSprop | LossScaleOptimizer;
  readonly #made: { dispose(): void }[] = [];
  // What is used again.
  readonly #gradients: readonly Variable[];
  readonly #arrays: readonly Float32Array[];
  readonly #lists = new Map<string, VariableLike[]>();
  #rate = 0.1;
  #broken = false;
  #brokenLate = false;

  constructor({ plain, scaled, options }: Sequence, engine: EngineName, again: boolean) {
    setEngine(engine);
    this.#again = again;
    this.#variables = SIZES.map((size, i) => (plain ? numbersOf(i, size) : this.#createVariable(i, size)));
    this.#gradients = SIZES.map((size) => this.#keep(new Variable(new Float32Array(size))));
    this.#arrays = SIZES.map((size) => new Float32Array(size));
    const learningRate = (): number => (this.#broken ? Number.NaN : this.#rate);
    this.#inner = this.#keep(new RMSprop({ ...options, learningRate }));
    this.#optimizer = scaled
      ? new LossScaleOptimizer(this.#inner, { initialScale: 4, dynamicGrowthSteps: 2 })
      : this.#inner;
    this.#optimizer.build(this.#variables);
  }

  /** Does it, and returns what is there afterwards, an error included. */
  async act(action: Action): Promise<string> {
    let outcome = "done";
    try {
      await this.#act(action);
    } catch (error) {
      outcome = error instanceof Error ? error.constructor.name : "no error";
    }
    return [outcome, ...Object.values(await readState(this.#optimizer, this.#variables))].join("\n");
  }

  dispose(): void {
    for (const each of this.#made.splice(0)) each.dispose();
  }

  async #act(action: Action): Promise<void> {
    if (action.kind === "apply") await this.#apply(action);
    else if (action.kind === "assign") this.#assign(action.at, numbersOf(action.seed, SIZES[action.at] ?? 0));
    else if (action.kind === "scale") this.#scale(action.value);
    else if (action.kind === "rate") this.#rate = action.value;
    else await this.#actions[action.kind]();
  }

  readonly #actions: Readonly<
    Record<"grow" | "dispose another" | "reload" | "average" | "stateless" | "finalize", () => void | Promise<void>>
  > = {
    grow: () => new Variable(new Float32Array(400_000)).dispose(),
    "dispose another": () => new Variable([1, 2, 3]).dispose(),
    reload: async () => {
      const store = {};
      await this.#optimizer.saveOwnVariables(store);
      this.#optimizer.loadOwnVariables(store);
    },
    average: () => this.#optimizer.withAverage(() => this.#assign(0, new Float32Array(SIZES[0]).fill(9))),
    stateless: () => {
      const state = this.#optimizer.variables.map(({ value }) => value.slice());
      const values = this.#variables.map((v) => valuesOf(v).slice());
      this.#optimizer.statelessApply(
        state,
        SIZES.map((size) => numbersOf(size, size)),
        values,
      );
    },
    finalize: () => this.#optimizer.finalizeVariableValues(this.#variables),
  };

  async #apply({
    form,
    used,
    missing,
    reversed,
    named,
    seed,
    fails,
  }: Action & { readonly kind: "apply" }): Promise<void> {
    const order = SIZES.map((_, i) => i).filter((i) => used[i] || !named);
    if (reversed && named) order.reverse();
    const gradients = await inTurn(order, (i) => (missing[i] ? null : this.#gradientAt(i, form, seed)));
    if (fails === "length" && gradients.length > 0) gradients[gradients.length - 1] = new Float32Array(7);
    this.#broken = fails === "learning rate";
    this.#brokenLate = fails === "late";
    try {
      this.#optimizer.apply(gradients, named ? this.#listOf(order) : undefined);
    } finally {
      this.#broken = false;
      this.#brokenLate = false;
    }
  }

  async #gradientAt(index: number, form: string, seed: number): Promise<Gradient> {
    const values = numbersOf(10 * seed + index, SIZES[index] ?? 0);
    if (form === "numbers") return Array.from(values);
    // Another variable of the same size, or itself, as the gradient.
    if (form === "variables") {
      const own = this.#variables[index];
      if (own === undefined) return null;
      return this.#again ? own : valuesOf(await hostOf(own)).slice();
    }
    if (!this.#again) return values;
    if (form === "arrays") {
      this.#arrays[index]?.set(values);
      return this.#arrays[index] ?? null;
    }
    this.#gradients[index]?.assign(values);
    return this.#gradients[index] ?? null;
  }

  #listOf(order: readonly number[]): VariableLike[] {
    const create = () => order.flatMap((i) => this.#variables[i] ?? []);
    if (!this.#again) return create();
    const key = order.join();
    const list = this.#lists.get(key) ?? create();
    this.#lists.set(key, list);
    return list;
  }

  #scale(value: number | null): void {
    if (this.#optimizer === this.#inner) this.#inner.lossScaleFactor = value;
  }

  #assign(index: number, values: Float32Array): void {
    const variable = this.#variables[index];
    if (variable instanceof Variable) variable.assign(values);
    else variable?.set(values);
  }

  #createVariable(index: number, size: number): Variable {
    const constraint =
      index === 2 && !ON_DEVICE
        ? (value: FloatArray): FloatArray => {
            if (this.#brokenLate) throw new Error("late");
            return value;
          }
        : null;
    return this.#keep(new Variable(numbersOf(index, size), { name: `v${index}`, constraint }));
  }

  #keep<T extends { dispose(): void }>(made: T): T {
    this.#made.push(made);
    return made;
  }
}

onEveryEngine((engine) => {
  test("a run over the same objects again and again is equal to one over new objects", async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const reference = new Run(sequence, ENGINES[0] ?? engine, false);
        const others = [new Run(sequence, engine, true), new Run(sequence, engine, false)];
        try {
          for (const action of sequence.actions) {
            const expected = await reference.act(action);
            for (const run of others) expect(await run.act(action)).toBe(expected);
          }
        } finally {
          for (const run of [reference, ...others]) run.dispose();
        }
      }),
      { numRuns: runsOf(60) },
    );
  });

  test.each<readonly [string, () => Gradient]>([
    ["array", () => numbersOf(1, 6)],
    ["Variable", () => new Variable(numbersOf(1, 6))],
  ])("one %s as the gradient of one variable, of the other, and of both", async (_, gradientOf) => {
    const again = [new Variable(numbersOf(2, 6), { name: "a" }), new Variable(numbersOf(3, 6), { name: "b" })];
    const anew = [new Variable(numbersOf(2, 6), { name: "a" }), new Variable(numbersOf(3, 6), { name: "b" })];
    const gradient = gradientOf();
    const [optimizer, twin] = [new RMSprop({ momentum: 0.9 }), new RMSprop({ momentum: 0.9 })];
    for (const each of [optimizer, twin]) each.build(each === optimizer ? again : anew);
    for (const chosen of [[0], [0], [1], [1], [0], [0, 1], [1, 0], [0]]) {
      const of = (variables: readonly Variable[]): Variable[] => variables.filter((_, i) => chosen.includes(i));
      optimizer.apply(
        chosen.map(() => gradient),
        of(again),
      );
      twin.apply(
        chosen.map(() => numbersOf(1, 6)),
        of(anew),
      );
      expect(await readState(optimizer, again)).toEqual(await readState(twin, anew));
    }
  });

  test("the same call again is refused once its gradient or its variable was disposed of", async () => {
    for (const gone of ["gradient", "variable"] as const) {
      const objects = {
        gradient: new Variable([1, 2], { name: "gradient" }),
        variable: new Variable([3, 4], { name: "variable" }),
      };
      const other = new Variable([5, 6]);
      const optimizer = new RMSprop();
      const variables = [objects.variable, other];
      const gradients = [objects.gradient, new Variable([1, 1])];
      for (let call = 0; call < 3; call++) optimizer.apply(gradients, variables);
      const before = (await hostOf(other)).toArray();
      objects[gone].dispose();
      const next = new Variable([100, 200]);
      const error = errorOf(() => optimizer.apply(gradients, variables));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toContain(`${gone} was disposed`);
      expect([(await hostOf(next)).toArray(), (await hostOf(other)).toArray(), optimizer.iterations]).toEqual([
        [100, 200],
        before,
        3,
      ]);
    }
  });

  test("the same call again counts what was written to its gradient and its variable in between", async () => {
    const [v, gradient] = [new Variable([1, 2]), new Variable([3, 4])];
    const optimizer = new SGD({ learningRate: 1 });
    const call = async (): Promise<unknown> => {
      optimizer.apply([gradient], [v]);
      return (await hostOf(v)).toArray();
    };
    expect(await call()).toEqual([-2, -2]);
    gradient.assign([10, 20]);
    expect(await call()).toEqual([-12, -22]);
    v.assign([0, 0]);
    expect(await call()).toEqual([-10, -20]);
    optimizer.learningRate = 0.5;
    expect(await call()).toEqual([-15, -30]);
    optimizer.lossScaleFactor = 10;
    expect(await call()).toEqual([-15.5, -31]);
  });

  test("a first step that failed late, tried again with the same objects, is a first step", async () => {
    const run = async (failures: number): Promise<Record<string, string>> => {
      let left = failures;
      const constraint = (value: FloatArray): FloatArray => {
        if (left-- > 0) throw new Error("late");
        return value;
      };
      const variables = [new Variable(numbersOf(1, 6), { constraint, name: "a" }), new Variable([1, 2], { name: "b" })];
      const gradients = [new Variable(numbersOf(2, 6)), Float32Array.of(3, 4)];
      const optimizer = new RMSprop({ momentum: 0.9, centered: true });
      for (let failure = 0; failure < failures; failure++) {
        errorOf(() => optimizer.apply(gradients, variables));
        // What the failed step had built is free again: this is likely to take its place.
        new Variable(numbersOf(3, 6));
      }
      for (let call = 0; call < 2; call++) optimizer.apply(gradients, variables);
      return readState(optimizer, variables);
    };
    expect(await run(2)).toEqual(await run(0));
  });
});
