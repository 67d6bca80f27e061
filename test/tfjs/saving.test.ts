// Saved and loaded with TensorFlow.js' own means, a run goes on bit by bit: in the same process, and in a fresh one.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { buildSync } from "esbuild";
import {
  defineRule,
  LearningRateSchedule,
  type OptimizerDefinition,
  type OptimizerOptions,
  type OptionsOf,
  StateMismatchError,
  schedules,
} from "rmsprop";
import {
  Adagrad,
  Adam,
  LossScaleOptimizer,
  type NamedTensor,
  Optimizer,
  RMSprop,
  type RMSpropOptions,
  register,
  SGD,
} from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { withProgram } from "../child.js";
import { choice } from "../seed.js";
import { BACKENDS, bits, bitsOf, memory, startBackend, variable } from "./backends.js";
import { loaded, optimizerConfig, saved } from "./files.js";
import { compiled, createData, trainOnBatch, weightBits } from "./models.js";
import { type Job, resumed, stateOf } from "./resume.js";
import { onSomeBackend } from "./suite.js";

const {
  ExponentialDecay,
  PiecewiseConstantDecay,
  PolynomialDecay,
  InverseTimeDecay,
  CosineDecay,
  CosineDecayRestarts,
} = schedules;

/** Every option, alone or with others, and after how many steps the model is saved. */
const RUNS: readonly (readonly [RMSpropOptions, number])[] = [
  [{}, 0],
  [{}, 3],
  [{ name: "my_optimizer", learningRate: 0.05, rho: 0.8, epsilon: 1e-3 }, 2],
  [{ momentum: 0.9 }, 2],
  [{ centered: true, weightDecay: 0.01 }, 2],
  [{ clipnorm: 0.1 }, 2],
  [{ clipvalue: 0.01 }, 2],
  [{ globalClipnorm: 0.1 }, 2],
  [{ useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 2 }, 3],
  [{ useEma: true }, 0],
  [{ lossScaleFactor: 1024 }, 2],
  [{ gradientAccumulationSteps: 3, useEma: true }, 4],
  [{ gradientAccumulationSteps: 3, momentum: 0.5, centered: true }, 2],
  [
    {
      learningRate: new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5, staircase: true }),
    },
    0,
  ],
  [{ learningRate: new PiecewiseConstantDecay({ boundaries: [2, 4], values: [0.1, 0.05, 0.01] }) }, 3],
  [{ learningRate: new PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 5, power: 2, cycle: true }) }, 3],
  [{ learningRate: new InverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }) }, 3],
  [
    { learningRate: new CosineDecay({ initialLearningRate: 0.1, decaySteps: 7, warmupSteps: 2, warmupTarget: 0.2 }) },
    3,
  ],
  [
    { learningRate: new CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 2, tMul: 1.5, mMul: 0.9 }) },
    3,
  ],
];

/** A model trained for some steps, saved as text, trained on for three more: the text, and the state in the end. */
async function savedAndTrainedOn(optimizer: tf.Optimizer, steps: number): Promise<{ model: string; state: string[] }> {
  const data = createData();
  const model = compiled(optimizer);
  await trainOnBatch(model, data, steps);
  const text = await saved(model);
  await trainOnBatch(model, data, 3);
  const state = stateOf(model);
  for (const made of [model, optimizer, data.x, data.y]) made.dispose();
  return { model: text, state };
}

/** What the processes of their own give for these jobs. */
async function resumedElsewhere(backend: string, jobs: readonly Job[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-resume-"));
  const path = join(folder, "jobs.json");
  writeFileSync(path, JSON.stringify(jobs));
  const program = fileURLToPath(new URL("./resume.ts", import.meta.url));
  const { stdout } = await withProgram(program, (file) => promisify(execFile)(process.execPath, [file, path, backend]));
  rmSync(folder, { recursive: true });
  return JSON.parse(stdout);
}

onSomeBackend((backend) => {
  // All of them go on in a fresh process, below.
  test.each(choice(RUNS, 2, BACKENDS.indexOf(backend)))(
    "%j, saved after %i steps, goes on in the same process",
    async (options, steps) => {
      const { model, state } = await savedAndTrainedOn(new RMSprop(options), steps);
      expect(await resumed({ model, steps: 3 })).toEqual(state);
    },
  );

  test.each([0, 4])("LossScaleOptimizer, saved after %i steps, goes on with its scale", async (steps) => {
    const options = { initialScale: 64, dynamicGrowthSteps: 3, name: "scaled" };
    const optimizer = new LossScaleOptimizer(new RMSprop({ learningRate: 0.05, momentum: 0.9 }), options);
    const { model, state } = await savedAndTrainedOn(optimizer, steps);
    expect(await resumed({ model, steps: 3 })).toEqual(state);
    const again = await loaded(model);
    // That of the class that was saved.
    const { dynamicScale, stepCounter, iterations, name } = again.optimizer as LossScaleOptimizer;
    expect([dynamicScale, stepCounter, iterations, name]).toEqual(
      steps === 0 ? [64, 0, 0, "scaled"] : [128, 1, 4, "scaled"],
    );
    for (const made of [again, again.optimizer]) made.dispose();
  });

  test("a model that is loaded and saved again is the same", async () => {
    const { model } = await savedAndTrainedOn(new RMSprop({ momentum: 0.9, useEma: true, emaMomentum: 0.7 }), 2);
    const again = await loaded(model);
    const text = await saved(again);
    expect(JSON.parse(text).weightData).toBe(JSON.parse(model).weightData);
    expect(JSON.parse(text).weightSpecs).toEqual(JSON.parse(model).weightSpecs);
    expect(optimizerConfig(text)).toEqual(optimizerConfig(model));
    for (const made of [again, again.optimizer]) made.dispose();
  });

  test("the config is Keras' own, under Keras' name; once registered, TensorFlow.js' spelling is loaded, too", async () => {
    register();
    const { model, state } = await savedAndTrainedOn(new RMSprop({ learningRate: 0.5, weightDecay: 0.01 }), 2);
    const { class_name, config } = optimizerConfig(model);
    expect([class_name, config]).toMatchObject(["RMSprop", { learning_rate: 0.5, weight_decay: 0.01, rho: 0.9 }]);
    const other = model.replace('"class_name":"RMSprop"', '"class_name":"RMSProp"');
    expect(other).not.toBe(model);
    expect(await resumed({ model: other, steps: 3 })).toEqual(state);
    const again = await loaded(other);
    expect(optimizerConfig(await saved(again)).class_name).toBe("RMSprop");
    for (const made of [again, again.optimizer]) made.dispose();
  });

  const THEIRS: readonly (readonly [string, () => tf.Optimizer, object, number])[] = [
    ["plain", () => tf.train.rmsprop(0.05), { rho: 0.9, momentum: 0, centered: false }, 3],
    ["with momentum", () => tf.train.rmsprop(0.05, 0.8, 0.9, 1e-3), { rho: 0.8, momentum: 0.9, epsilon: 1e-3 }, 3],
    ["before any step", () => tf.train.rmsprop(0.05), { rho: 0.9 }, 0],
  ];
  test.each(THEIRS)(
    "a model of tf.train.rmsprop goes on with its bits once ours is registered: %s",
    async (_, create, expected, steps) => {
      register();
      const data = createData();
      const optimizer = create();
      const model = compiled(optimizer);
      await trainOnBatch(model, data, steps);
      const text = await tidied(() => saved(model));
      await trainOnBatch(model, data, 3);
      const again = await loaded(text);
      expect(again.optimizer instanceof RMSprop).toBe(true);
      expect(again.optimizer.getConfig()).toMatchObject(expected);
      await trainOnBatch(again, data, 3);
      expect(weightBits(again)).toEqual(weightBits(model));
      expect(again.optimizer.iterations).toBe(steps + 3);
      for (const made of [model, optimizer, again, again.optimizer, data.x, data.y]) made.dispose();
    },
  );

  const SIBLINGS: readonly (readonly [
    string,
    () => tf.Optimizer,
    abstract new (...values: never[]) => unknown,
    number,
  ])[] = [
    ["sgd", () => tf.train.sgd(0.05), SGD, 0],
    // Their formulas are another order of the same operations.
    ["adagrad", () => tf.train.adagrad(0.05, 0.2), Adagrad, 1e-5],
    ["adam", () => tf.train.adam(0.01, 0.8, 0.9, 1e-6), Adam, 1e-5],
  ];
  test.each(SIBLINGS)(
    "a model of tf.train.%s goes on with ours once they are registered",
    async (_, create, type, far) => {
      register();
      const data = createData();
      const optimizer = create();
      const model = compiled(optimizer);
      await trainOnBatch(model, data, 4);
      const text = await tidied(() => saved(model));
      await trainOnBatch(model, data, 3);
      const again = await loaded(text);
      expect(again.optimizer).toBeInstanceOf(type);
      await trainOnBatch(again, data, 3);
      expect(again.optimizer.iterations).toBe(7);
      const [theirs, ours] = [model, again].map((each) =>
        each.getWeights().flatMap((weight) => [...weight.dataSync()]),
      );
      expect(ours?.length).toBe(theirs?.length);
      const distance = Math.max(...(theirs ?? []).map((value, i) => Math.abs(value - (ours?.[i] ?? Number.NaN))));
      expect(distance).toBeLessThanOrEqual(far);
      for (const made of [model, optimizer, again, again.optimizer, data.x, data.y]) made.dispose();
    },
  );

  test("the three kinds of slots of tf.train.rmsprop are ours", async () => {
    const theirs = tf.train.rmsprop(0.05, 0.9, 0.9, 1e-2, true);
    const ours = RMSprop.fromConfig(theirs.getConfig());
    const variables = [variable([1, 2], "layer/kernel"), variable([3], "bias")];
    theirs.applyGradients(Object.fromEntries(variables.map((each) => [each.name, each])));
    await tidied(async () => ours.setWeights(await theirs.getWeights()));
    ours.apply(variables, variables);
    const twin = new RMSprop({ learningRate: 0.05, momentum: 0.9, epsilon: 1e-2, centered: true });
    const [, , ...slots] = await ours.getWeights();
    expect(slots.map(({ name }) => name)).toEqual(
      ["velocity", "momentum", "average_gradient"].flatMap((kind) => [
        `rmsprop/layer/kernel/${kind}`,
        `rmsprop/bias/${kind}`,
      ]),
    );
    expect([ours.iterations, ours.learningRate]).toEqual([2, twin.learningRate]);
    for (const made of [theirs, ours, twin, ...variables]) made.dispose();
  });

  test("state that does not fit is an error at each step, until state that fits is set", async () => {
    const [small, large] = [new RMSprop({ momentum: 0.9 }), new RMSprop({ momentum: 0.9 })];
    const [a, b] = [variable([1], "a"), variable([1, 2], "b")];
    small.apply([a], [a]);
    const before = memory();
    await large.setWeights(await small.getWeights());
    const after = memory();
    for (let i = 0; i < 2; i++) {
      const attempt = (): void => large.apply([b], [b]);
      expect(attempt).toThrow(StateMismatchError);
      expect(attempt).toThrow(
        /expected \(2\): rmsprop\/b\/velocity \[2\], .*\n.*received \(2\): rmsprop\/a\/velocity \[1\]/,
      );
    }
    expect(bitsOf(b)).toBe(bits([1, 2]));
    expect(large.iterations).toBe(1);
    expect(memory()).toEqual(after);
    expect(after.numTensors).toBe(before.numTensors + 4); // the copies of small.getWeights()
    large.apply([a], [a]);
    expect(large.iterations).toBe(2);
    for (const made of [small, large, a, b]) made.dispose();
  });

  test("state that waits for its variables still waits after a step that fails", async () => {
    let rate = 0.1;
    const [one, other] = [new RMSprop(), new RMSprop({ learningRate: () => rate })];
    const v = variable([1, 2], "v");
    one.apply([v], [v]);
    const [first, , ...slots] = await one.getWeights();
    await other.setWeights([...(first ? [first] : []), ...slots]);
    rate = Number.NaN;
    expect(() => other.apply([v], [v])).toThrow(/learningRate/);
    rate = 0.1;
    const zeros = tf.zeros([2]);
    for (const optimizer of [one, other]) optimizer.apply([zeros], [v]);
    expect(bits(other.variables.at(-1)?.value ?? [])).toBe(bits(one.variables.at(-1)?.value ?? []));
    for (const made of [one, other, v, zeros]) made.dispose();
  });

  test("slots are found by the names of their variables, whatever their order", async () => {
    const options = { learningRate: 0.1, momentum: 0.9 };
    const [one, other, built] = [new RMSprop(options), new RMSprop(options), new RMSprop(options)];
    const variables = [variable([1, 2], "a"), variable([3, 4], "b"), variable([5, 6], "c")];
    one.apply(variables, variables);
    const reversed = [...variables].reverse();
    built.apply(reversed, reversed);
    const weights = await one.getWeights();
    await other.setWeights(weights);
    await built.setWeights([...weights.slice(0, 2), ...weights.slice(2).reverse()]);
    const values = (optimizer: RMSprop) =>
      Object.fromEntries(optimizer.variables.map(({ path, value }) => [path, bits(value)]));
    expect(values(built)).toEqual(values(one));
    const zeros = variables.map(({ shape }) => tf.zeros(shape));
    // One after another, as in a GAN: what was saved of the others waits, and is saved again.
    other.apply(zeros.slice(2), variables.slice(2));
    expect((await other.getWeights()).map(({ name }) => name).sort()).toEqual(weights.map(({ name }) => name).sort());
    other.apply(zeros.slice(0, 2), variables.slice(0, 2));
    for (const optimizer of [one, built]) {
      optimizer.apply(zeros.slice(2), variables.slice(2));
      optimizer.apply(zeros.slice(0, 2), variables.slice(0, 2));
    }
    expect(values(other)).toEqual(values(one));
    for (const made of [one, other, built, ...variables, ...zeros]) made.dispose();
  });

  test("names with a slash and with an underscore are not mixed up", async () => {
    const [one, other] = [new RMSprop(), new RMSprop()];
    const variables = [variable([1, 2], "x/y"), variable([3, 4], "x_y")];
    const gradients = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    one.apply(gradients, variables);
    await other.setWeights(await one.getWeights());
    other.apply([...gradients].reverse(), [...variables].reverse());
    one.apply(gradients, variables);
    const velocities = (optimizer: RMSprop): string[] => optimizer.variables.slice(2).map(({ value }) => bits(value));
    expect(velocities(other)).toEqual(velocities(one).reverse());
    for (const made of [one, other, ...variables, ...gradients]) made.dispose();
  });

  test("getWeights: the iteration first, as int32; the tensors are the same again", async () => {
    const optimizer = new RMSprop({ learningRate: 0.5 });
    const v = variable([1, 2], "v");
    optimizer.apply([v], [v]);
    const first = await optimizer.getWeights();
    const { numTensors } = memory();
    const second = await optimizer.getWeights();
    expect(memory().numTensors).toBe(numTensors);
    expect(second.map(({ tensor }) => tensor)).toEqual(first.map(({ tensor }) => tensor));
    expect(second.map(({ name, tensor }) => [name, tensor.dtype, ...tensor.dataSync()])).toEqual([
      ["iter", "int32", 1],
      ["rmsprop/learning_rate", "float32", 0.5],
      ["rmsprop/v/velocity", "float32", expect.any(Number), expect.any(Number)],
    ]);
    for (const made of [optimizer, v]) made.dispose();
  });

  test("tensors of getWeights that were disposed of are made anew", async () => {
    const optimizer = new RMSprop();
    const v = variable([1, 2], "v");
    optimizer.apply([v], [v]);
    const first = await optimizer.getWeights();
    const copies = first.map(({ tensor }) => tensor.clone());
    const before = copies.map(bitsOf);
    tf.dispose(first.map(({ tensor }) => tensor));
    const second = await optimizer.getWeights();
    expect(second.map(({ tensor }) => bitsOf(tensor))).toEqual(before);
    tf.dispose(second.map(({ tensor }) => tensor));
    optimizer.dispose();
    expect(copies.map(bitsOf)).toEqual(before);
    for (const made of [v, ...copies]) made.dispose();
  });

  test("what getWeights gave can be set again after more steps", async () => {
    const optimizer = new RMSprop({ learningRate: 0.5, useEma: true });
    const v = variable([1, 2], "v");
    optimizer.apply([v], [v]);
    const weights = await optimizer.getWeights();
    const before = optimizer.variables.map(({ value }) => bits(value));
    for (let i = 0; i < 3; i++) optimizer.apply([v], [v]);
    await optimizer.setWeights(weights);
    expect(optimizer.variables.map(({ value }) => bits(value))).toEqual(before);
    for (const made of [optimizer, v]) made.dispose();
  });

  const WRONG: readonly (readonly [string, (weights: NamedTensor[]) => NamedTensor[]])[] = [
    ["too few", (weights) => weights.slice(0, -1)],
    ["too many", (weights) => [...weights, { name: "rmsprop/w/velocity", tensor: weights[2]?.tensor as tf.Tensor }]],
    ["none", () => []],
    ["without the learning rate", ([first, , ...rest]) => [...(first ? [first] : []), ...rest]],
    [
      "of another kind",
      (weights) => weights.map(({ name, tensor }) => ({ name: name.replace("momentum", "average_gradient"), tensor })),
    ],
    [
      "of another shape",
      (weights) =>
        weights.map(({ name, tensor }) => ({
          name,
          tensor: name.endsWith("velocity") ? tf.reshape(tensor, [2, 1]) : tensor,
        })),
    ],
  ];
  test.each(WRONG)(
    "setWeights with weights that are wrong (%s) shows both lists and changes nothing",
    async (_, wrong) => {
      const optimizer = new RMSprop({ momentum: 0.9 });
      const v = variable([1, 2], "v");
      optimizer.apply([v], [v]);
      const weights = await optimizer.getWeights();
      optimizer.apply([v], [v]);
      const before = optimizer.variables.map(({ value }) => bits(value));
      const bad = tf.tidy(() => wrong(weights).map(({ name, tensor }) => ({ name, tensor: tf.keep(tensor.clone()) })));
      const error = await optimizer.setWeights(bad).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StateMismatchError);
      expect(String(error)).toMatch(/^StateMismatchError: RMSprop: .*nothing was restored/);
      expect(String(error)).toContain(
        "expected (4): iter [], rmsprop/learning_rate [], rmsprop/v/velocity [2], rmsprop/v/momentum [2]",
      );
      expect(String(error)).toContain(`received (${bad.length}): ${bad[0]?.name ?? "none"}`);
      expect(optimizer.variables.map(({ value }) => bits(value))).toEqual(before);
      tf.dispose(bad.map(({ tensor }) => tensor));
      for (const made of [optimizer, v]) made.dispose();
    },
  );

  test("setWeights of LossScaleOptimizer with the weights of another optimizer changes nothing", async () => {
    const inner = new RMSprop();
    const optimizer = new LossScaleOptimizer(inner, { initialScale: 8 });
    const v = variable([1, 2], "v");
    optimizer.apply([v], [v]);
    const weights = (await optimizer.getWeights()).map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
    optimizer.apply([v], [v]);
    const before = optimizer.variables.map(({ value }) => bits(value));
    for (const wrong of [[], weights.slice(0, 3), weights.slice(0, 4), weights.slice(4), weights.slice(0, -1)]) {
      await expect(optimizer.setWeights(wrong)).rejects.toThrow(StateMismatchError);
    }
    const scale = tf.scalar(-1);
    const bad = weights.map(({ name, tensor }) => ({ name, tensor: name.endsWith("dynamic_scale") ? scale : tensor }));
    await expect(optimizer.setWeights(bad)).rejects.toThrow(/dynamic_scale must be a finite number >/);
    expect(optimizer.variables.map(({ value }) => bits(value))).toEqual(before);
    for (const made of [optimizer, v, scale, ...weights.map(({ tensor }) => tensor)]) made.dispose();
  });

  test("an iteration beyond what float32 holds is kept", async () => {
    const [one, other] = [new RMSprop(), new RMSprop()];
    one.variables[0]?.assign([2 ** 24 + 1]);
    await other.setWeights(await one.getWeights());
    expect(other.iterations).toBe(2 ** 24 + 1);
    for (const made of [one, other]) made.dispose();
  });

  test("a class of one's own is saved and loaded under its name", async () => {
    class Mine extends RMSprop {
      static override get className(): string {
        return "Mine";
      }
    }
    tf.serialization.registerClass(Mine);
    const { model, state } = await savedAndTrainedOn(new Mine({ learningRate: 0.05, rho: 0.5 }), 2);
    expect(optimizerConfig(model).class_name).toBe("Mine");
    const again = await loaded(model);
    expect([again.optimizer instanceof Mine, again.optimizer.getClassName()]).toEqual([true, "Mine"]);
    for (const made of [again, again.optimizer]) made.dispose();
    expect(await resumed({ model, steps: 3 })).toEqual(state);
    expect(Mine.fromConfig({ rho: 0.5 }) instanceof Mine).toBe(true);
  });

  test("an optimizer of one's own is saved and loaded", async () => {
    type Hyper = { readonly pull: number };
    const definition: OptimizerDefinition<OptionsOf<Hyper>> = {
      className: "Pulled",
      options: { pull: { default: 0.5 } },
      constants: ({ pull }) => ({ pull }),
      rule: defineRule({
        slots: ["momentum"],
        scalars: ["pull"],
        update(op, x, k) {
          const momentum = op.add(op.mul(k.pull, x.momentum), x.gradient);
          return { variable: op.sub(x.variable, op.mul(k.learningRate, momentum)), momentum };
        },
      }),
    };
    class Pulled extends Optimizer<Hyper> {
      static className = "Pulled";

      constructor(options: OptimizerOptions<Hyper> = {}) {
        super(definition, options);
      }
    }
    tf.serialization.registerClass(Pulled);
    const learningRate = new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 });
    const { model, state } = await savedAndTrainedOn(new Pulled({ learningRate, pull: 0.9 }), 2);
    expect(await resumed({ model, steps: 3 })).toEqual(state);
  });

  test("a schedule of one's own is loaded once it is registered, and so is a function", async () => {
    class Halving extends LearningRateSchedule {
      static override className = `Halving-${backend}`; // what was registered stays so
      readonly #first: number;

      constructor(first: number) {
        super();
        this.#first = first;
      }

      override call(step: number): number {
        return this.#first / 2 ** step;
      }

      override getConfig(): { first_rate: number } {
        return { first_rate: this.#first };
      }

      static override fromConfig(config: object): Halving {
        return new Halving((config as { first_rate: number }).first_rate); // what getConfig gave
      }
    }
    const named = { [`rate-${backend}`]: (): number => 0.05 };
    const constantRate = named[`rate-${backend}`] ?? (() => 0);
    const scheduled = await savedAndTrainedOn(new RMSprop({ learningRate: new Halving(0.1) }), 2);
    const called = await savedAndTrainedOn(new RMSprop({ learningRate: constantRate }), 2);
    await expect(loaded(scheduled.model)).rejects.toThrow(
      /class_name must be a known class; received class_name="Halving-/,
    );
    await expect(loaded(called.model)).rejects.toThrow(/received learning_rate="rate-.*register\(\)/);
    tf.disposeVariables(); // of the models that were half loaded
    register({ [Halving.className]: Halving, ...named });
    expect(await resumed({ model: scheduled.model, steps: 3 })).toEqual(scheduled.state);
    expect(await resumed({ model: called.model, steps: 3 })).toEqual(called.state);
  });

  test("a function without a name cannot be saved, and says so", async () => {
    const optimizer = new RMSprop({
      learningRate: (
        () => () =>
          0.1
      )(),
    });
    const model = compiled(optimizer);
    await expect(saved(model)).rejects.toThrow(/a function without a name cannot be written as JSON. Name it/);
    for (const made of [model, optimizer]) made.dispose();
  });
});

describe("in a process of its own", () => {
  // `npm test` has one backend here, `npm run test:package` all.
  test.each(choice(BACKENDS, BACKENDS.length))(
    "every option goes on with the same bits, on backend %s",
    async (backend) => {
      await startBackend(backend);
      const runs = [];
      for (const [options, steps] of RUNS) runs.push(await savedAndTrainedOn(new RMSprop(options), steps));
      runs.push(
        await savedAndTrainedOn(new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), { initialScale: 64 }), 2),
      );
      const jobs = runs.map(({ model }) => ({ model, steps: 3 }));
      // A layer that is thawed later finds its own state by its name.
      const { model } = await savedAndTrainedOn(new RMSprop({ momentum: 0.9 }), 2);
      const thawed = { model, steps: 3, frozenFirst: "layer1_hidden" };
      const states = (await resumedElsewhere(backend, [...jobs, thawed])) as string[][];
      expect(states.slice(0, -1)).toEqual(runs.map(({ state }) => state));
      expect(new Set(states.at(-1))).toEqual(new Set(await thawedLater()));
    },
  );
});

test("a bundled program finds the classes that it uses; register() adds the others, and takes the place of their namesakes", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const tsconfig = join(root, process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json");
  const registered = async (use: string): Promise<string> => {
    const contents = `import * as tf from "@tensorflow/tfjs-core";
      import { ${use.split("(")[0]} } from "rmsprop/tfjs";
      ${use.startsWith("register") ? use : `globalThis.used = ${use}`};
      const { classNameMap } = tf.serialization.SerializationMap.getMap();
      const own = Object.keys(classNameMap).filter((name) => /^(RMSprop|Loss)/.test(name)).sort();
      console.log([...own, classNameMap.RMSProp[0] === tf.RMSPropOptimizer ? "theirs" : "ours"].join());`;
    const stdin = { contents, resolveDir: root };
    const external = ["@tensorflow/*"];
    const { outputFiles } = buildSync({ stdin, bundle: true, write: false, format: "esm", external, tsconfig });
    const running = promisify(execFile)(process.execPath, ["--input-type=module", "-"], { cwd: root });
    running.child.stdin?.end(outputFiles?.[0]?.text);
    return (await running).stdout.trim();
  };
  expect(await registered("RMSprop")).toBe("RMSprop,theirs");
  expect(await registered("register()")).toBe("LossScaleOptimizer,RMSprop,ours");
});

/** The state of the same model and steps, never saved. */
async function thawedLater(): Promise<string[]> {
  const data = createData();
  const optimizer = new RMSprop({ momentum: 0.9 });
  const model = compiled(optimizer);
  for (const [trainable, steps] of [
    [true, 2],
    [false, 1],
    [true, 3],
  ] as const) {
    model.getLayer("layer1_hidden").trainable = trainable;
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    await trainOnBatch(model, data, steps);
  }
  const state = stateOf(model);
  for (const made of [model, optimizer, data.x, data.y]) made.dispose();
  return state;
}

/** A tf.train optimizer leaves a tensor behind with each getWeights; not so in here. */
async function tidied<T>(fn: () => Promise<T>): Promise<T> {
  tf.engine().startScope();
  try {
    return await fn();
  } finally {
    tf.engine().endScope();
  }
}
