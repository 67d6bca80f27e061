// State belongs to each variable: lists in any order, alternating, growing, shrinking; averages in and out of place.
import { inspect } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { expect, test, vi } from "vitest";
import { fill, streamOf } from "../oracle/bits.js";
import { bits, bitsOf, memory, startBackend, variable } from "./backends.js";
import { compiled, createData, trainOnBatch, variablesOf, weightBits } from "./models.js";
import { onSomeBackend } from "./suite.js";

const OPTIONS: readonly RMSpropOptions[] = [
  { learningRate: 0.1 },
  { learningRate: 0.1, momentum: 0.9, centered: true, weightDecay: 0.01 },
];

const gradientOf = (size: number, call: number, index: number): Float32Array =>
  fill(size, "float32", "normal", streamOf(11, call, index)) as Float32Array;

/** Steps for some of the variables, each with the gradient that its name and the call decide. */
function step(optimizer: RMSprop, variables: readonly tf.Variable[], call: number, names: readonly string[]): void {
  tf.tidy(() => {
    const gradients = variables.map((each) => {
      return tf.tensor(gradientOf(each.size, call, names.indexOf(each.name)), each.shape);
    });
    optimizer.apply(gradients, variables);
  });
}

const slotsOf = ({ variables }: RMSprop, name: string): string[] =>
  variables.filter((slot) => slot.name.startsWith(`${name}_`)).map((slot) => `${slot.name} ${bits(slot.value)}`);

onSomeBackend((backend) => {
  test("a console shows its options, step and engine; JSON, clones and what is set too late say what to do instead", () => {
    const optimizer = new RMSprop({ momentum: 0.9 });
    expect(inspect(optimizer)).toMatch(/^RMSprop \{[\s\S]*momentum: 0.9,[\s\S]*iterations: 0,\n {2}engine: 'tfjs-/);
    expect(() => JSON.stringify(optimizer)).toThrow("RMSprop: JSON.stringify would lose its state.");
    expect(() => structuredClone(optimizer)).toThrow("send saveCheckpoint(optimizer, variables)");
    expect(() => void Reflect.set(optimizer, "lr", 0.5)).toThrow("RMSprop: lr must be set by its own name");
    expect(() => void Reflect.set(optimizer, "momentum", 0.5)).toThrow("RMSprop: momentum must stay as it is");
    optimizer.dispose();
  });

  const SEQUENCES: readonly (readonly [string, readonly (readonly number[])[]])[] = [
    [
      "in another order each time",
      [
        [0, 1, 2],
        [2, 0, 1],
        [1, 2, 0],
        [2, 1, 0],
      ],
    ],
    ["alternating, as in a GAN", [[0, 1], [2], [0, 1], [2], [1, 0], [2]]],
    ["some of which come later", [[0], [0], [1, 0], [2, 1, 0], [2]]],
    ["some of which pause", [[0, 1, 2], [1], [1], [0, 2], [2, 1, 0]]],
  ];
  for (const options of OPTIONS) {
    test.each(SEQUENCES)(`variables %s each have their own state (${JSON.stringify(options)})`, (_, sequence) => {
      const names = ["a", "b", "c"];
      const variables = names.map((name, i) => variable([...gradientOf(3 + i, 0, i)], name));
      // Without averages and norms, variables do not see each other: an optimizer for each does the same.
      const ours = variables.map((each) => Float32Array.from(each.dataSync()));
      const references = names.map(() => new core.RMSprop(options));
      const optimizer = new RMSprop(options);
      sequence.forEach((indices, call) => {
        step(
          optimizer,
          indices.flatMap((i) => variables[i] ?? []),
          call + 1,
          names,
        );
        for (const i of indices) {
          const values = ours[i] ?? new Float32Array();
          references[i]?.apply([gradientOf(values.length, call + 1, i)], [values]);
        }
      });
      expect(variables.map(bitsOf)).toEqual(ours.map(bits));
      names.forEach((name, i) => {
        const expected = references[i]?.variables.slice(2).map(({ value }) => bits(value));
        expect(slotsOf(optimizer, name).map((slot) => slot.split(" ")[1])).toEqual(expected);
      });
      expect(optimizer.iterations).toBe(sequence.length);
      for (const made of [optimizer, ...references, ...variables]) made.dispose();
    });
  }

  test("two optimizers on one model do not see each other", async () => {
    const data = createData();
    const optimizers = [0.1, 0.01].map((learningRate) => new RMSprop({ learningRate, momentum: 0.9 }));
    const model = compiled(new RMSprop());
    const variables = variablesOf(model);
    const loss = (): tf.Scalar => tf.mean(tf.square(tf.sub(model.predict(data.x) as tf.Tensor, data.y))) as tf.Scalar;
    for (let i = 0; i < 3; i++) for (const optimizer of optimizers) optimizer.minimize(loss, variables);
    const [one, other] = optimizers.map(({ variables: own }) => own.map(({ value }) => bits(value)));
    expect(one).not.toEqual(other);
    expect(optimizers.map(({ iterations }) => iterations)).toEqual([3, 3]);
    for (const made of [...optimizers, model, data.x, data.y]) made.dispose();
  });

  test("layers that are frozen and thawed again go on from their own state", async () => {
    const data = createData();
    const optimizer = new RMSprop({ learningRate: 0.05, momentum: 0.9 });
    const model = compiled(optimizer);
    await trainOnBatch(model, data, 2);
    const layer = model.getLayer("layer1_hidden");
    const [kernel] = variablesOf(model);
    const name = kernel?.name.replaceAll("/", "_") ?? "";
    const before = slotsOf(optimizer, name);
    const weights = weightBits(layer);
    const freeze = (trainable: boolean): void => {
      layer.trainable = trainable;
      model.compile({ optimizer, loss: "categoricalCrossentropy" });
    };
    freeze(false);
    await trainOnBatch(model, data, 2);
    expect([slotsOf(optimizer, name), weightBits(layer)]).toEqual([before, weights]);
    freeze(true);
    await trainOnBatch(model, data, 1);
    expect(before.length).toBe(2);
    expect(slotsOf(optimizer, name)).not.toEqual(before);
    expect(optimizer.iterations).toBe(5);
    for (const made of [optimizer, model, data.x, data.y]) made.dispose();
  });

  test("a variable that is disposed of takes its state with it, and the others go on", () => {
    const options = { learningRate: 0.1, useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 };
    const [optimizer, reference] = [new RMSprop(options), new core.RMSprop(options)];
    const [stays, goes] = [variable([1, 2], "stays"), variable([3], "goes")];
    const names = ["stays", "goes"];
    const ours = Float32Array.of(1, 2);
    for (let call = 0; call < 6; call++) {
      if (call === 3) goes.dispose();
      step(optimizer, call < 3 ? [stays, goes] : [stays], call, names);
      reference.apply([gradientOf(2, call, 0)], [ours]);
    }
    expect(bitsOf(stays)).toBe(bits(ours));
    expect(optimizer.trainedVariables).toEqual([stays]);
    expect(slotsOf(optimizer, "goes")).toEqual([]);
    optimizer.finalizeVariableValues();
    optimizer.withAverage(() => undefined);
    tf.tidy(() => optimizer.apply([tf.tensor1d([1, 1])])); // all that are left
    for (const made of [optimizer, reference, stays]) made.dispose();
  });

  test("a new variable of the same name starts afresh, and is saved under it", async () => {
    const optimizer = new RMSprop({ learningRate: 0.1 });
    const first = variable([1, 2], "same");
    step(optimizer, [first], 1, ["same"]);
    await optimizer.getWeights();
    first.dispose();
    const second = variable([[1], [2], [3]], "same");
    step(optimizer, [second], 2, ["same"]);
    const expected = new core.RMSprop({ learningRate: 0.1 });
    expected.apply([gradientOf(3, 2, 0)], [Float32Array.of(1, 2, 3)]);
    expect(slotsOf(optimizer, "same")).toEqual([`same_velocity ${bits(expected.variables[2]?.value ?? [])}`]);
    const weights = await optimizer.getWeights();
    expect(weights.map(({ name, tensor }) => [name, tensor.shape])).toEqual([
      ["iter", []],
      ["rmsprop/learning_rate", []],
      ["rmsprop/same/velocity", [3, 1]],
    ]);
    for (const made of [optimizer, expected, second]) made.dispose();
  });

  test("after tf.disposeVariables() an optimizer can train new variables", () => {
    const before = memory();
    const optimizer = new RMSprop({ useEma: true });
    const old = variable([1, 2], "v");
    step(optimizer, [old], 1, ["v"]);
    optimizer.finalizeVariableValues(); // variable and average share their data now
    const copy = old.clone();
    tf.disposeVariables();
    const made = variable([5], "v");
    step(optimizer, [made], 2, ["v"]);
    expect(optimizer.trainedVariables).toEqual([made]);
    optimizer.dispose();
    expect(copy.dataSync().length).toBe(2);
    tf.dispose([copy, made]);
    expect(memory()).toEqual(before);
  });

  test("the average of a variable that comes later starts from its value", () => {
    const optimizer = new RMSprop({ learningRate: 0.001, useEma: true, emaMomentum: 0.99 });
    const [a, b] = [variable([1], "a"), variable([3], "b")];
    for (let call = 0; call < 3; call++) step(optimizer, [a], call, ["a"]);
    step(optimizer, [b], 3, ["a", "b"]);
    optimizer.finalizeVariableValues();
    expect(b.dataSync()[0]).toBeCloseTo(3, 3);
    for (const made of [optimizer, a, b]) made.dispose();
  });

  test.each([2, 3])("over %i calls gradients are accumulated, with some missing", (steps) => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const options = { learningRate: 0.1, gradientAccumulationSteps: steps, clipvalue: 0.5, useEma: true };
    const [optimizer, reference] = [new RMSprop(options), new core.RMSprop(options)];
    const variables = [variable([1, 2], "a"), variable([3], "b")];
    const ours = [new core.Variable([1, 2], { name: "a" }), new core.Variable([3], { name: "b" })];
    for (let call = 0; call < 7; call++) {
      const gradients = [2, 1].map((size, i) =>
        (call + i) % 3 === 0 && i === call % 2 ? null : gradientOf(size, call, i),
      );
      reference.apply(gradients, ours);
      tf.tidy(() =>
        optimizer.apply(
          gradients.map((values) => values && tf.tensor1d(values)),
          variables,
        ),
      );
      expect(optimizer.iterations).toBe(Math.floor((call + 1) / steps));
    }
    expect(optimizer.variables.map(({ path, value }) => `${path} ${bits(value)}`)).toEqual(
      reference.variables.map(({ path, value }) => `${path} ${bits(value)}`),
    );
    for (const made of [optimizer, reference, ...variables, ...ours]) made.dispose();
    vi.restoreAllMocks();
  });

  test("a backend that is switched between steps goes on with the same bits", async () => {
    const options = { learningRate: 0.1, momentum: 0.9, centered: true, useEma: true };
    const [optimizer, reference] = [new RMSprop(options), new core.RMSprop(options)];
    const v = variable([1, 2, 3], "v");
    const ours = Float32Array.of(1, 2, 3);
    for (let call = 0; call < 4; call++) {
      await startBackend(call % 2 === 0 ? "wasm" : "cpu");
      step(optimizer, [v], call, ["v"]);
      reference.apply([gradientOf(3, call, 0)], [ours]);
    }
    expect(bitsOf(v)).toBe(bits(ours));
    await startBackend(backend);
    for (const made of [optimizer, reference, v]) made.dispose();
  });

  test("what shares its data with a variable keeps its values", () => {
    const optimizer = new RMSprop({ learningRate: 0.1, useEma: true, emaOverwriteFrequency: 2 });
    const v = variable([1, 2], "v");
    const snapshots = [];
    for (let call = 0; call < 4; call++) {
      const copy = v.clone();
      snapshots.push({ copy, before: bitsOf(v) });
      step(optimizer, [v], call, ["v"]);
    }
    for (const { copy, before } of snapshots) expect(bitsOf(copy)).toBe(before);
    tf.dispose(snapshots.map(({ copy }) => copy));
    for (const made of [optimizer, v]) made.dispose();
  });

  test("weight decay leaves out variables, and names that a pattern finds", () => {
    const optimizer = new RMSprop({ learningRate: 0.1, weightDecay: 0.5 });
    const [kernel, bias, other] = [variable([1], "dense/kernel"), variable([1], "dense/bias"), variable([1], "other")];
    optimizer.excludeFromWeightDecay({ variables: [other], names: ["bias$"] });
    const zeros = [kernel, bias, other].map(() => tf.zeros([1]));
    optimizer.apply(zeros, [kernel, bias, other]);
    expect([kernel, bias, other].map((each) => each.dataSync()[0])).toEqual([Math.fround(0.95), 1, 1]);
    expect(() => optimizer.excludeFromWeightDecay({ names: ["kernel"] })).toThrow(/before the first step/);
    tf.dispose(zeros);
    for (const made of [optimizer, kernel, bias, other]) made.dispose();
  });

  const ENDS: readonly (readonly [string, () => unknown])[] = [
    ["returns", () => 1],
    [
      "throws",
      () => {
        throw new Error("thrown");
      },
    ],
    ["resolves", async () => 1],
    [
      "rejects",
      async () => {
        throw new Error("thrown");
      },
    ],
  ];
  test.each(ENDS)("withAverage puts the trained values back when its function %s", async (how, end) => {
    const optimizer = new RMSprop({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 });
    const v = variable([1, 2], "v");
    for (let call = 0; call < 3; call++) step(optimizer, [v], call, ["v"]);
    const trained = bitsOf(v);
    const [average] = slotsOf(optimizer, "v")
      .filter((slot) => slot.startsWith("v_average"))
      .map((slot) => slot.split(" ")[1]);
    const run = async () =>
      optimizer.withAverage(() => {
        expect(bitsOf(v)).toBe(average);
        return end();
      });
    if (/throws|rejects/.test(how)) await expect(run()).rejects.toThrow("thrown");
    else expect(await run()).toBe(1);
    expect(bitsOf(v)).toBe(trained);
    expect(slotsOf(optimizer, "v")[0]).toBe(`v_average ${average}`);
    for (const made of [optimizer, v]) made.dispose();
  });

  test("what a model tells with its averages follows every step", () => {
    const optimizer = new RMSprop({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 });
    const kernel = tf.tidy(() => tf.variable(tf.tensor2d([1, 2], [2, 1])));
    const output = () => tf.tidy(() => tf.matMul([[1, 10]], kernel).dataSync()[0] ?? Number.NaN);
    for (let call = 0; call < 3; call++) {
      tf.tidy(() => optimizer.apply([tf.ones([2, 1])], [kernel]));
      const { shown, weights } = optimizer.withAverage(() => ({ shown: output(), weights: [...kernel.dataSync()] }));
      expect(shown).toBeCloseTo((weights[0] ?? 0) + 10 * (weights[1] ?? 0), 4);
    }
    for (const made of [optimizer, kernel]) made.dispose();
  });

  test("withAverage before the first step shows the values themselves; a variable may be disposed of inside", () => {
    const optimizer = new RMSprop({ useEma: true });
    const [v, w] = [variable([1], "v"), variable([2], "w")];
    expect(optimizer.withAverage(() => v.dataSync()[0])).toBe(1);
    step(optimizer, [v, w], 1, ["v", "w"]);
    const trained = bitsOf(v);
    optimizer.withAverage(() => w.dispose());
    expect(bitsOf(v)).toBe(trained);
    for (const made of [optimizer, v]) made.dispose();
  });
});
