// Optimizers of one's own: a rule, its slots and its scalars, on every engine with everything around it.
import {
  defineOptimizer,
  defineRule,
  type Hyper,
  LossScaleOptimizer,
  Optimizer,
  type OptimizerDefinition,
  type Rule,
  SGD,
  setEngine,
  sign,
  Variable,
} from "rmsprop";
import { describe, expect, test } from "vitest";
import {
  bitsOf,
  complaintOf,
  ENGINES,
  elementsOf,
  errorOf,
  hostOf,
  numbersOf,
  onEveryEngine,
  readState,
} from "./support.js";

/** Keras' Adagrad, whose slot is called `accumulator` as those of gradient accumulation are here. */
const Adagrad = defineOptimizer({
  className: "Adagrad",
  options: { epsilon: { default: 1e-7 } },
  constants: ({ epsilon }) => ({ epsilon }),
  rule: defineRule({
    slots: ["accumulator"],
    scalars: ["epsilon"],
    update(op, x, k) {
      const accumulator = op.add(x.accumulator, op.mul(x.gradient, x.gradient));
      const step = op.div(op.mul(k.learningRate, x.gradient), op.sqrt(op.add(accumulator, k.epsilon)));
      return { variable: op.sub(x.variable, step), accumulator };
    },
  }),
});

/** Every operation there is, so that none differs between engines. */
const Everything = defineOptimizer({
  className: "Everything",
  options: { limit: { default: 0.5, min: 0 }, flip: { default: false } },
  constants: ({ limit }) => ({ limit }),
  perStep: (op, _, { update, learningRate }) => ({ scalars: { fade: op.div(learningRate, update) } }),
  facts: ({ flip }) => ({ flip }),
  rule: ({ flip }) => (flip ? flipped : plain),
});

const ruleOf = (direction: number): Rule<"memory", "limit" | "fade"> =>
  defineRule({
    slots: ["memory"],
    scalars: ["limit", "fade"],
    update(op, x, k) {
      const small = op.lessOrEqual(op.abs(x.gradient), k.limit);
      const bounded = op.max(op.min(x.gradient, k.limit), op.sub(op.constant(0), k.limit));
      const chosen = op.select(small, bounded, sign(op, x.gradient));
      const weight = op.add(op.abs(chosen), op.clamp(x.gradient, op.constant(0), k.limit));
      const memory = op.add(x.memory, op.sqrt(weight));
      const move = op.div(op.mul(op.mul(chosen, op.constant(direction)), k.fade), op.add(memory, op.constant(1)));
      return { variable: op.sub(x.variable, move), memory };
    },
  });
const plain = ruleOf(1);
const flipped = ruleOf(-1);

const Clamped = defineOptimizer({
  className: "Clamped",
  options: {},
  rule: defineRule({
    slots: [],
    scalars: [],
    update: (op, x) => ({ variable: op.clamp(x.gradient, op.constant(0), op.constant(1)) }),
  }),
});

onEveryEngine((engine) => {
  test("clamp keeps NaN and -0, in vectors and in the rest after them", async () => {
    for (const dtype of ["float32", "float64"] as const) {
      const values = [Number.NaN, -0, 0, -1, 2, 0.5, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      const v = new Variable(
        [...values, ...values].map(() => 7),
        { dtype },
      );
      new Clamped().apply([[...values, ...values]], [v]);
      const expected = [Number.NaN, -0, 0, 0, 1, 0.5, 1, 1, 0];
      expect((await hostOf(v)).toArray()).toEqual([...expected, ...expected]);
    }
  });

  test("a class of one's own is an Optimizer with all there is around a rule", async () => {
    const v = new Variable([4, 8]);
    const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.5, useEma: true, name: "plain" });
    optimizer.apply([[1, 2]], [v]);
    expect([(await hostOf(v)).toArray(), optimizer.engine, optimizer.name, optimizer.className]).toEqual([
      [2.5, 5],
      engine,
      "plain",
      "SGD",
    ]);
    expect(optimizer).toBeInstanceOf(Optimizer);
    expect(optimizer).toBeInstanceOf(SGD);
    expect(SGD.name).toBe("SGD");
  });

  test("its config has its own hyper-parameters after those of every optimizer", () => {
    const config = new Everything({ limit: 0.25, flip: true }).getConfig();
    expect(Object.keys(config).slice(-2)).toEqual(["limit", "flip"]);
    expect(Everything.fromConfig(config).getConfig()).toEqual(config);
    expect(config).toMatchObject({ name: "everything", limit: 0.25, flip: true, learning_rate: Math.fround(0.001) });
  });

  test("its state is saved and loaded, by Keras' kind of names", async () => {
    const v = new Variable([1, 2], { name: "v" });
    const optimizer = new Everything({ learningRate: 0.1 });
    optimizer.apply([[1, 2]], [v]);
    expect(optimizer.variables.map(({ path }) => path)).toEqual([
      "everything/iteration",
      "everything/learning_rate",
      "everything/v_memory",
    ]);
    const store = {};
    await optimizer.saveOwnVariables(store);
    const other = new Everything({ learningRate: 0.1 });
    other.build([v]);
    other.loadOwnVariables(store);
    expect(await readState(other, [v])).toEqual(await readState(optimizer, [v]));
  });

  test.each<readonly [string, unknown, string]>([
    ["a number out of its range", { limit: -1 }, "limit"],
    ["a string for a number", { limit: "0.5" }, "limit"],
    ["a number for a boolean", { flip: 1 }, "flip"],
    ["an argument that it lacks", { rho: 0.9 }, "rho"],
    ["NaN", { limit: Number.NaN }, "limit"],
  ])("it refuses %s in its own name", (_, options, argument) => {
    const error = errorOf(() => new Everything(options as object));
    expect(complaintOf(error.message)).toMatchObject({ owner: "Everything", argument });
  });

  test("it works behind a LossScaleOptimizer", async () => {
    const v = new Variable(8);
    new LossScaleOptimizer(new SGD({ learningRate: 1 }), { initialScale: 4 }).apply([4], [v]);
    expect((await hostOf(v)).item()).toBe(7);
  });

  test("facts choose its rule", async () => {
    const [a, b] = [new Variable(0), new Variable(0)];
    new Everything({ learningRate: 1 }).apply([0.25], [a]);
    new Everything({ learningRate: 1, flip: true }).apply([0.25], [b]);
    expect((await hostOf(a)).item()).toBe(-(await hostOf(b)).item());
    expect((await hostOf(a)).item()).toBeLessThan(0);
  });

  test("a slot may be called as Keras' Adagrad calls it: accumulator, with and without accumulation", async () => {
    const [v, mean] = [new Variable(1, { name: "v" }), new Variable(1)];
    const accumulating = new Adagrad({ learningRate: 0.5, gradientAccumulationSteps: 2 });
    const plainly = new Adagrad({ learningRate: 0.5 });
    for (const [first, second] of [
      [1, 3],
      [2, 4],
    ] as const) {
      accumulating.apply([first], [v]);
      accumulating.apply([second], [v]);
      plainly.apply([(first + second) / 2], [mean]);
    }
    expect((await hostOf(v)).item()).toBe((await hostOf(mean)).item());
    expect(accumulating.variables.map(({ name }) => name)).toEqual([
      "iteration",
      "learning_rate",
      "v_gradient_accumulator",
      "v_accumulator",
    ]);
    expect(await elementsOf(plainly.variables.slice(2))).toEqual([4 + 9]);
    expect(plainly.variables[2]?.name).toMatch(/^variable_\d+_accumulator$|^variable_accumulator$/);
  });

  describe("a rule with a mistake is refused before anything changes, by what is wrong with it", () => {
    type Loose = Omit<OptimizerDefinition, "rule"> & { readonly rule: unknown };
    const loose = (rule: object, constants: Hyper = {}): Loose => ({
      ...{ className: "Mine", options: {}, constants: () => constants as Record<string, number> },
      rule: { slots: [], scalars: [], update: () => ({}), ...rule },
    });
    interface Ops {
      add(a: unknown, b: unknown): unknown;
    }
    type Values = Readonly<Record<string, unknown>>;

    const MISTAKES: readonly (readonly [string, Loose, RegExp])[] = [
      [
        "a result that is no slot",
        loose({
          slots: ["velocity"],
          update: (op: Ops, x: Values) => ({ variable: x.variable, velocty: op.add(x.velocity, x.gradient) }),
        }),
        /velocty/,
      ],
      [
        "a slot that is not declared",
        loose({ update: (op: Ops, x: Values) => ({ variable: op.add(x.variable, x.velocity) }) }),
        /velocity/,
      ],
      [
        "a scalar that is not declared",
        loose({ update: (op: Ops, x: Values, k: Values) => ({ variable: op.add(x.variable, k.beta) }) }),
        /beta/,
      ],
      [
        "a scalar that nobody gives",
        loose({
          scalars: ["beta"],
          update: (op: Ops, x: Values, k: Values) => ({ variable: op.add(x.variable, k.beta) }),
        }),
        /beta/,
      ],
      [
        "a scalar that is no number",
        loose(
          { scalars: ["beta"], update: (op: Ops, x: Values, k: Values) => ({ variable: op.add(x.variable, k.beta) }) },
          { beta: "0.5" as unknown as number },
        ),
        /beta/,
      ],
      ["no update", loose({ update: undefined }), /update/],
      ["a result that is nothing", loose({ update: () => undefined }), /update|return/],
      ["a slot twice", loose({ slots: ["velocity", "velocity"] }), /velocity/],
    ];
    test.each(MISTAKES)("%s", async (_, definition, named) => {
      const v = new Variable([1, 2]);
      const guard = new Variable([3, 4]);
      const error = errorOf(() => {
        const Mine = defineOptimizer(definition as OptimizerDefinition);
        new Mine().apply([[1, 1]], [v]);
      });
      expect(error.message).toMatch(/^Mine: /);
      expect(error.message).toMatch(named);
      expect([(await hostOf(v)).toArray(), (await hostOf(guard)).toArray()]).toEqual([
        [1, 2],
        [3, 4],
      ]);
    });

    test("an error that a rule throws comes through, and nothing changes", async () => {
      const mistake = new Error("not today");
      const definition = loose({
        update: () => {
          throw mistake;
        },
      });
      const Mine = defineOptimizer(definition as OptimizerDefinition);
      const v = new Variable([1, 2]);
      expect(errorOf(() => new Mine().apply([[1, 1]], [v]))).toBe(mistake);
      expect((await hostOf(v)).toArray()).toEqual([1, 2]);
    });
  });
});

test.each([
  ["Everything", (): Optimizer<Hyper> => new Everything({ learningRate: 0.1, weightDecay: 0.1, useEma: true })],
  ["Everything, flipped", (): Optimizer<Hyper> => new Everything({ learningRate: 0.1, flip: true, clipnorm: 1 })],
  ["Adagrad", (): Optimizer<Hyper> => new Adagrad({ learningRate: 0.1, gradientAccumulationSteps: 2 })],
])("%s gives the same bits on every engine, in both types, special values included", (_, create) => {
  for (const dtype of ["float32", "float64"] as const) {
    const [reference, ...others] = ENGINES.map((engine) => {
      setEngine(engine);
      const v = new Variable(numbersOf(1, 101), { dtype });
      const optimizer = create();
      for (let call = 0; call < 5; call++) {
        const gradient = new Variable(numbersOf(call, 101), { dtype });
        gradient.value.set([0, -0, Infinity, -Infinity, Number.NaN, 1e-45, 3e38], 10);
        optimizer.apply([gradient], [v]);
      }
      return [v.value, ...optimizer.variables.map(({ value }) => value)].map(bitsOf);
    });
    for (const other of others) expect(other).toEqual(reference);
  }
});
