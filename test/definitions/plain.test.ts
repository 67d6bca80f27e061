// What a definition says is what its class has, over plain numbers.
import {
  defineOptimizer,
  defineRule,
  deserialize,
  get,
  loadCheckpoint,
  Optimizer,
  RMSprop,
  saveCheckpoint,
  serialize,
  setEngine,
  Variable,
} from "rmsprop";
import { expect, test } from "vitest";
import { CASES, expectedRun, SHAPES, STEPS, valuesAt, WHOLE } from "./whole.js";

const Whole = defineOptimizer(WHOLE);
const variables = () => SHAPES.map((shape, i) => new Variable(valuesAt(i, -1), { shape, name: `v${i}` }));
const gradients = (step: number) => SHAPES.map((_, i) => valuesAt(i, step));

test.each(CASES)("both engines give the same bits with %o", (options) => {
  setEngine("js");
  const expected = expectedRun(options);
  setEngine("wasm");
  expect(expectedRun(options)).toEqual(expected);
  setEngine("auto");
});

test("slots of one group alternate by variable, groups and the optimizer's own numbers follow each other", () => {
  const optimizer = new Whole({ useEma: true });
  optimizer.build(variables());
  expect(optimizer.variables.map(({ path }) => path.replace("whole/", ""))).toEqual([
    ...["iteration", "learning_rate", "v0_average", "v1_average"],
    ...["v0_mean", "v0_square", "v1_mean", "v1_square", "v0_trace", "v1_trace", "product"],
  ]);
});

test("a slot begins at its initial value, and a number of the optimizer at its own", () => {
  const optimizer = new Whole();
  optimizer.build(variables());
  const numbersOf = (name: string) => [...(optimizer.variables.find((each) => each.name === name)?.value ?? [])];
  expect(numbersOf("v1_trace")).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
  expect(numbersOf("v1_mean")).toEqual([0, 0, 0, 0, 0]);
  expect(numbersOf("product")).toEqual([1]);
});

test("options can be read by their names", () => {
  const optimizer = new Whole({ mode: "mean", beta: 0.5 });
  expect([optimizer.beta, optimizer.mode, optimizer.signed, optimizer.outside]).toEqual([0.5, "mean", false, 0.25]);
  const { rho, momentum, epsilon, centered } = new RMSprop({ rho: 0.8 });
  expect([rho, momentum, epsilon, centered]).toEqual([0.8, 0, 1e-7, false]);
});

test("Keras' JSON has options under Keras' names, and none that are ours alone", () => {
  const config = new Whole({ beta: 0.5, mode: "mean", outside: 2 }).getConfig();
  expect(Object.entries(config).slice(-3)).toEqual([
    ["beta_1", 0.5],
    ["mode", "mean"],
    ["signed", false],
  ]);
  const again = Whole.fromConfig(config);
  expect([again.beta, again.mode, again.outside]).toEqual([0.5, "mean", 0.25]);
  expect(serialize(again)).toMatchObject({ module: null, registered_name: "Whole" });
});

test.each([
  [{ mode: "max" }, /^Whole: mode must be "sum" or "mean"; received mode="max"\./],
  [{ mode: 1 }, /^Whole: mode must be "sum" or "mean"; received mode=1\./],
  [{ outside: 0 }, /^Whole: outside must be a finite number > 0; received outside=0\./],
  [{ beta_1: 0.5 }, /Did you mean beta\?$/],
])("%o is refused", (options, message) => {
  expect(() => new Whole(options as object)).toThrow(message);
});

test("a run goes on from what was stored, from a checkpoint, and without side effects from statelessApply", () => {
  const [expected, options] = [expectedRun({}), { Whole }];
  const held = variables();
  const optimizer = new Whole();
  for (let step = 0; step < 3; step++) optimizer.apply(gradients(step), held);
  const store = {};
  optimizer.saveOwnVariables(store);
  const other = new Whole();
  other.build(held);
  other.loadOwnVariables(store);
  const weights = other.variables.map(({ value }) => value.slice());
  const [next, state] = other.statelessApply(
    weights,
    gradients(3),
    held.map(({ value }) => value.slice()),
  );
  expect(next).toEqual(expected[3]);
  const product = [1, 2, 3, 4].reduce((sofar) => Math.fround(sofar * Math.fround(0.9)), 1);
  expect(state.at(-1)).toEqual(Float32Array.of(product));
  const { optimizer: loaded, variables: copies } = loadCheckpoint(saveCheckpoint(other, held), null, null, options);
  for (let step = 3; step < STEPS; step++) loaded.apply(gradients(step), copies);
  expect(copies.map((each) => Float32Array.from((each as Variable).value))).toEqual(expected[STEPS - 1]);
});

test("one class is made of a definition, whoever asks, and configs find it", () => {
  expect(defineOptimizer(WHOLE)).toBe(Whole);
  expect(get("rmsprop")).toBeInstanceOf(RMSprop);
  expect(deserialize(serialize(new RMSprop()))).toBeInstanceOf(RMSprop);
  expect(new RMSprop()).toBeInstanceOf(Optimizer);
  class Mine extends RMSprop {
    constructor() {
      super({ rho: 0.5, name: "mine" });
    }
  }
  expect(new Mine()).toBeInstanceOf(RMSprop);
  expect([new Mine().rho, new Mine().name, RMSprop.name]).toEqual([0.5, "mine", "RMSprop"]);
});

test("an option that is called as a member is refused when the class is made", () => {
  const rule = defineRule({ slots: [], scalars: [], update: (_, x) => ({ variable: x.gradient }) });
  expect(() => defineOptimizer({ className: "Bad", options: { apply: { default: 1 } }, rule })).toThrow(
    /^Bad: options must .*received options="apply"/,
  );
});

test("a definition without options, as older ones are, is refused by its name", () => {
  const rule = defineRule({ slots: [], scalars: [], update: (_, x) => ({ variable: x.gradient }) });
  const older = { className: "Old", defaults: { rate: 1 }, rule };
  expect(() => defineOptimizer(older as unknown as typeof WHOLE)).toThrow(/^Old: options must be one object; received/);
});
