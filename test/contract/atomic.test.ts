// A step that throws has not happened: variables, slots and counters are as before, and later steps are as if it had
// never been tried. What the messages say is tested in bad-input.test.ts.
import {
  type FloatArray,
  type Gradient,
  type LearningRateLike,
  LearningRateSchedule,
  LossScaleOptimizer,
  RMSprop,
  type RMSpropOptions,
  Variable,
  type VariableLike,
} from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { choice } from "../seed.js";
import {
  detached,
  ENGINES,
  elementsOf,
  errorOf,
  inTurn,
  numbersOf,
  ON_DEVICE,
  onEveryEngine,
  readState,
  settled,
} from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const SIZES = [5, 40, 3] as const;

/** What makes a step fail, switched on only for that step. */
class Trap {
  learningRate: unknown = 0.1;
  throws = false;
  constrained: (value: FloatArray) => unknown = (value) => value;

  /** As a user's function, whose results nobody has checked. */
  readonly asFunction = (): number => {
    if (this.throws) throw new Error("the learning rate is broken");
    return this.learningRate as number;
  };
}

class TrapSchedule extends LearningRateSchedule {
  readonly #trap: Trap;

  constructor(trap: Trap) {
    super();
    this.#trap = trap;
  }

  override call(): number {
    return this.#trap.asFunction();
  }
}

interface Scene {
  readonly trap: Trap;
  readonly optimizer: RMSprop | LossScaleOptimizer;
  readonly variables: readonly Variable[];
}

type Source = "number" | "function" | "schedule";

interface Setting {
  readonly options: RMSpropOptions;
  readonly source: Source;
  readonly scaled: boolean;
  /** Whether it is about the constraint of the last variable. */
  readonly constrained?: boolean;
}

const SOURCES: Readonly<Record<Source, (trap: Trap) => LearningRateLike>> = {
  number: () => 0.1,
  function: (trap) => trap.asFunction,
  schedule: (trap) => new TrapSchedule(trap),
};

function sceneOf({ options, source, scaled, constrained = false }: Setting): Scene {
  const trap = new Trap();
  const variables = SIZES.map((size, i) => {
    // The last variable's constraint is asked when all else is done. A device has none of one's own.
    const isConstrained = i === SIZES.length - 1 && (constrained || !ON_DEVICE);
    const constraint = isConstrained ? (value: FloatArray) => trap.constrained(value) as FloatArray : null;
    return new Variable(numbersOf(i, size), { name: `v${i}`, constraint });
  });
  const inner = new RMSprop({ ...options, learningRate: SOURCES[source](trap) });
  const optimizer = scaled ? new LossScaleOptimizer(inner, { dynamicGrowthSteps: 3 }) : inner;
  return { trap, optimizer, variables };
}

const gradientsOf = (call: number): Gradient[] => SIZES.map((size, i) => numbersOf(10 * call + i, size));

/** Good gradients but for one, which is in the middle: what stands before it has been looked at already. */
const withBad = (gradient: unknown): Gradient[] => gradientsOf(9).with(1, gradient as Gradient);

function* thatThrows(scene: Scene): Generator<readonly [Gradient, VariableLike]> {
  for (const variable of scene.variables) {
    yield [numbersOf(1, variable.size), variable];
    if (variable === scene.variables[1]) throw new Error("the iterator is broken");
  }
}

/** `fn` typed as whatever is needed: tests call as users of plain JavaScript do. */
const untyped = <T>(value: unknown): T => value as T;

type Act = (scene: Scene) => unknown;

const apply =
  (gradients: () => readonly Gradient[], variables?: (scene: Scene) => readonly VariableLike[]): Act =>
  (scene) =>
    scene.optimizer.apply(gradients(), variables ? variables(scene) : firstTime(scene));

/** The first step names the variables, the others leave them out. */
const firstTime = ({ optimizer, variables }: Scene): readonly Variable[] | undefined =>
  optimizer.built ? undefined : variables;

const minimize =
  (loss: unknown): Act =>
  (scene) =>
    scene.optimizer.minimize(untyped(loss), firstTime(scene));

/** A device takes it: memory mostly has no shape there. */
const RESHAPED: readonly [string, Act] = [
  "a Variable of another shape",
  apply(() => withBad(new Variable(new Float32Array(40), { shape: [8, 5] }))),
];

/** Whatever a call of apply can be refused for. */
const REFUSED: readonly (readonly [string, Act])[] = [
  ["no gradients for some variables", apply(() => gradientsOf(9).slice(1))],
  ["more gradients than variables", apply(() => [...gradientsOf(9), [1]])],
  ["gradients that are no array", apply(() => untyped("gradients"))],
  ["only nulls", apply(() => [null, null, null])],
  ["undefined", apply(() => withBad(undefined))],
  ["a hole", apply(() => Object.assign(untyped<Gradient[]>(new Array(3)), { 0: numbersOf(0, 5), 2: numbersOf(2, 3) }))],
  ["a gradient of another length", apply(() => withBad(new Float32Array(5)))],
  ["too many numbers", apply(() => withBad(Array.from({ length: 41 }, () => 1)))],
  ["one number for many", apply(() => withBad(1))],
  ["a string among numbers", apply(() => withBad(Array.from({ length: 40 }, (_, i) => (i === 39 ? "1" : 1))))],
  ["null among numbers", apply(() => withBad(Array.from({ length: 40 }, (_, i) => (i === 39 ? null : 1))))],
  ["a bigint among numbers", apply(() => withBad(Array.from({ length: 40 }, (_, i) => (i === 39 ? 1n : 1))))],
  ["holes among numbers", apply(() => withBad(Object.assign(new Array(40), { 0: 1 })))],
  ["rows of different lengths", apply(() => withBad([[1, 2], [3]]))],
  ["a gradient of doubles", apply(() => withBad(new Float64Array(40)))],
  ["a gradient of integers", apply(() => withBad(new Int32Array(40)))],
  ["a string", apply(() => withBad("gradient"))],
  ["an object", apply(() => withBad({ length: 40 }))],
  ["a promise", apply(() => withBad(Promise.resolve(numbersOf(1, 40))))],
  ["a detached gradient", apply(() => withBad(detached(new Float32Array(40))))],
  [
    "a disposed gradient",
    apply(() => {
      const gradient = new Variable(new Float32Array(40));
      gradient.dispose();
      return withBad(gradient);
    }),
  ],
  ...(ON_DEVICE ? [] : [RESHAPED]),
  [
    "an unknown variable",
    apply(
      () => gradientsOf(9),
      ({ variables }) => variables.with(1, new Variable(new Float32Array(40))),
    ),
  ],
  [
    "the same variable twice",
    apply(
      () => [[1, 1, 1], numbersOf(1, 40), [1, 1, 1]],
      ({ variables }) => [...variables.slice(1), ...variables.slice(2)],
    ),
  ],
  [
    "variables that are no array",
    apply(
      () => gradientsOf(9),
      ({ variables }) => untyped(variables[0]),
    ),
  ],
  ["an iterable that throws", (scene) => scene.optimizer.applyGradients(thatThrows(scene))],
  [
    "pairs that are none",
    ({ optimizer, variables }) => optimizer.applyGradients(untyped([[numbersOf(0, 5), variables[0]], null])),
  ],
  ["pairs that are no iterable", ({ optimizer }) => optimizer.applyGradients(untyped({ v0: numbersOf(0, 5) }))],
  [
    "a loss function that throws",
    minimize(() => {
      throw new Error("the loss is broken");
    }),
  ],
  ["a loss function that returns a promise", minimize(async () => ({ value: 1, gradients: gradientsOf(9) }))],
  ["a loss function that returns a number", minimize(() => 1)],
  ["a loss that is no number", minimize(() => ({ value: "1", gradients: gradientsOf(9) }))],
  ["a loss function with bad gradients", minimize(() => ({ value: 1, gradients: withBad([1]) }))],
  ["no loss function", minimize(undefined)],
];

/** What a learning rate can give in the middle of a run. */
const LEARNING_RATES: readonly (readonly [string, (trap: Trap) => void])[] = [
  ["NaN", (trap) => Object.assign(trap, { learningRate: Number.NaN })],
  ["infinity", (trap) => Object.assign(trap, { learningRate: Infinity })],
  ["a string", (trap) => Object.assign(trap, { learningRate: "0.1" })],
  ["nothing", (trap) => Object.assign(trap, { learningRate: undefined })],
  ["a promise", (trap) => Object.assign(trap, { learningRate: Promise.resolve(0.1) })],
  ["an error", (trap) => Object.assign(trap, { throws: true })],
];

/** What a constraint of the user's own can do when everything else of a step is done. */
const CONSTRAINTS: readonly (readonly [string, (value: FloatArray) => unknown])[] = [
  [
    "throws",
    () => {
      throw new Error("the constraint is broken");
    },
  ],
  [
    "changes its argument and throws",
    (value) => {
      value.fill(77);
      throw new Error("the constraint is broken");
    },
  ],
  ["returns nothing", () => undefined],
  ["returns too few", (value) => value.slice(1)],
  ["returns strings", (value) => Array.from(value, String)],
  ["returns a promise", async (value) => value],
];

const SETTINGS: readonly (readonly [string, Omit<Setting, "source">])[] = [
  ["the plain step", { options: {}, scaled: false }],
  [
    "everything on",
    {
      options: {
        ...{ momentum: 0.9, centered: true, weightDecay: 0.1, globalClipnorm: 1, lossScaleFactor: 2 },
        ...{ useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 },
      },
      scaled: false,
    },
  ],
  ["a loss scale that moves", { options: { momentum: 0.9 }, scaled: true }],
];

async function stepOf(optimizer: Scene["optimizer"], call: number, variables?: readonly Variable[]): Promise<void> {
  optimizer.apply(gradientsOf(call), variables);
  await settled(optimizer);
}

/** Two good steps, the one that must throw, two more good ones; and the same without the one that throws. */
async function expectNothingHappened(setting: Setting, act: Act): Promise<void> {
  const [scene, twin] = [sceneOf(setting), sceneOf(setting)];
  for (const { optimizer, variables } of [scene, twin]) {
    await inTurn([1, 2], (call) => stepOf(optimizer, call, variables));
  }
  const before = await readState(scene.optimizer, scene.variables);
  errorOf(() => act(scene));
  expect(await readState(scene.optimizer, scene.variables)).toEqual(before);
  for (const { optimizer } of [scene, twin]) {
    await inTurn([3, 4], (call) => stepOf(optimizer, call));
  }
  expect(await readState(scene.optimizer, scene.variables)).toEqual(await readState(twin.optimizer, twin.variables));
}

/** The very first step, which also builds. */
async function expectNotBuilt(setting: Setting, act: Act): Promise<void> {
  const [scene, twin] = [sceneOf(setting), sceneOf(setting)];
  const before = await readState(scene.optimizer, scene.variables);
  expect(before.built).toBe("false");
  errorOf(() => act(scene));
  expect(await readState(scene.optimizer, scene.variables)).toEqual(before);
  for (const { optimizer, variables } of [scene, twin]) optimizer.apply(gradientsOf(1), variables);
  expect(await readState(scene.optimizer, scene.variables)).toEqual(await readState(twin.optimizer, twin.variables));
}

onEveryEngine((engine) => {
  /** In `npm test` half of them on each engine. */
  const some = <T>(of: readonly T[]): T[] => choice(of, ENGINES.length, ENGINES.indexOf(engine));

  describe.each(SETTINGS)("%s has not happened", async (_, setting) => {
    test.each(some(REFUSED))("when it is refused for %s", async (__, act) => {
      await expectNothingHappened({ ...setting, source: "number" }, act);
    });

    // Before the first step no variable is unknown.
    test.each(some(REFUSED.filter(([name]) => name !== "an unknown variable")))(
      "nor has build, when the first one is refused for %s",
      async (__, act) => {
        await expectNotBuilt({ ...setting, source: "number" }, act);
      },
    );

    for (const source of ["function", "schedule"] as const) {
      test.each(some(LEARNING_RATES))(`when a learning-rate ${source} gives %s`, async (__, break_) => {
        const act: Act = (scene) => {
          break_(scene.trap);
          try {
            scene.optimizer.apply(gradientsOf(9), scene.variables);
          } finally {
            Object.assign(scene.trap, { learningRate: 0.1, throws: false });
          }
        };
        await expectNothingHappened({ ...setting, source }, act);
        await expectNotBuilt({ ...setting, source }, act);
      });
    }

    test.each(CONSTRAINTS)("when the last variable's constraint %s", async (__, constrained) => {
      const act: Act = (scene) => {
        scene.trap.constrained = constrained;
        try {
          scene.optimizer.apply(gradientsOf(9), scene.variables);
        } finally {
          scene.trap.constrained = (value) => value;
        }
      };
      await expectNothingHappened({ ...setting, source: "number", constrained: true }, act);
      await expectNotBuilt({ ...setting, source: "number", constrained: true }, act);
    });
  });

  test("a build that is refused for two variables of different types has not happened", () => {
    const optimizer = new RMSprop({ globalClipnorm: 1 });
    const mixed = [new Variable([1]), new Variable([1], { dtype: "float64" })];
    expect(errorOf(() => optimizer.build(mixed))).toBeInstanceOf(TypeError);
    expect([optimizer.built, optimizer.variables.length]).toEqual([false, 2]);
    optimizer.build(mixed.slice(0, 1));
    expect(optimizer.variables).toHaveLength(3);
  });

  test("gradients are read, not kept and not changed", async () => {
    const v = new Variable([1, 2, 3]);
    const optimizer = new RMSprop({ learningRate: 0.1, clipvalue: 0.5, gradientAccumulationSteps: 2 });
    const gradients = [new Float32Array([1, -2, 3]), [1, -2, 3], new Variable([1, -2, 3])] as const;
    for (const gradient of gradients) optimizer.apply([gradient], [v]);
    const read = await inTurn(gradients, async (gradient) =>
      gradient instanceof Variable ? elementsOf([gradient]) : [...gradient],
    );
    expect(read).toEqual(Array.from(gradients, () => [1, -2, 3]));
  });
});
