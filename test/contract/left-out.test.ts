// An option that is `undefined` is one that was left out.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  constraints,
  defineOptimizer,
  defineRule,
  Ftrl,
  Lion,
  LossScaleOptimizer,
  Nadam,
  type Optimizer,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
  schedules,
  Variable,
} from "rmsprop";
import { readKeras } from "rmsprop/keras";
import { expect, test } from "vitest";

/** The names of options, each undefined. */
const undefinedOptions = (names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, undefined]));

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The options that a config shows. */
const namesOf = (config: object): string[] => Object.keys(config).map(camelCase);

const CLASSES = [RMSprop, SGD, Adam, AdamW, Lion, Adagrad, Adadelta, Adamax, Nadam, Ftrl, ScheduleFreeAdamW];
test.each(CLASSES)("of an optimizer", (Class: new (options?: object) => Optimizer) => {
  const usual = new Class().getConfig();
  expect(namesOf(usual).length).toBeGreaterThan(10);
  expect(new Class(undefinedOptions(namesOf(usual))).getConfig()).toEqual(usual);
});

test("of a LossScaleOptimizer", () => {
  const usual = new LossScaleOptimizer(new RMSprop()).getConfig();
  const options = undefinedOptions(["initialScale", "dynamicGrowthSteps", "name"]);
  expect(new LossScaleOptimizer(new RMSprop(), options).getConfig()).toEqual(usual);
});

test.each([
  [schedules.CosineDecay, { initialLearningRate: 1, decaySteps: 2 }],
  [schedules.CosineDecayRestarts, { initialLearningRate: 1, firstDecaySteps: 2 }],
  [schedules.ExponentialDecay, { initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }],
  [schedules.InverseTimeDecay, { initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }],
  [schedules.PiecewiseConstantDecay, { boundaries: [1], values: [1, 2] }],
  [schedules.PolynomialDecay, { initialLearningRate: 1, decaySteps: 2 }],
] as const)("of a schedule", (schedule, given) => {
  const Class = schedule as new (options: object) => { getConfig(): object }; // each with its own options
  const usual = new Class(given).getConfig();
  expect(new Class({ ...undefinedOptions(namesOf(usual)), ...given }).getConfig()).toEqual(usual);
});

test.each([constraints.MaxNorm, constraints.UnitNorm, constraints.MinMaxNorm])("of a constraint", (constraint) => {
  const Class = constraint as new (options?: object) => { getConfig(): object }; // each with its own options
  const usual = new Class().getConfig();
  expect(new Class(undefinedOptions(namesOf(usual))).getConfig()).toEqual(usual);
});

test("of a Variable and of weight decay", () => {
  const names = ["shape", "dtype", "name", "trainable", "constraint", "overwriteWithGradient"];
  const variable = new Variable([1, 2], undefinedOptions(names));
  expect(variable).toMatchObject({ shape: [2], dtype: "float32", trainable: true, constraint: null });
  const optimizer = new RMSprop({ weightDecay: 0.1 });
  optimizer.excludeFromWeightDecay({ variables: undefined, names: ["bias"] });
  optimizer.apply([[1, 1]], [variable]);
  expect(optimizer.iterations).toBe(1);
});

test("of a definition", () => {
  const Descent = defineOptimizer({
    className: "Descent",
    ...{ module: undefined, namesake: undefined, state: undefined },
    base: { learningRate: undefined, weightDecay: undefined },
    options: { factor: { default: 1, min: 0, max: undefined, keras: undefined } },
    constants: ({ factor }) => ({ factor }),
    rule: defineRule({
      slots: [],
      scalars: ["factor"],
      update: (op, x, k) => ({
        variable: op.sub(x.variable, op.mul(op.mul(k.factor, k.learningRate), x.gradient)),
      }),
    }),
  });
  const optimizer = new Descent();
  optimizer.apply([[1, 1]], [new Variable([1, 2])]);
  expect(optimizer).toMatchObject({ learningRate: expect.closeTo(0.001), iterations: 1 });
});

test("of readKeras, and of its limits", async () => {
  const path = fileURLToPath(new URL("../keras-files/fixtures/tensorflow-plain.keras", import.meta.url));
  const limits = { totalByteLength: undefined, depth: undefined };
  const options = { config: undefined, optimizer: undefined, customObjects: undefined, limits };
  const file = await readKeras(readFileSync(path), options);
  expect(file.optimizer?.iterations).toBeGreaterThan(0);
  file.dispose();
});
