// Whatever an optimizer's state becomes, files of Keras hold it: written, read, trained on, and written again into the same.
import * as tf from "@tensorflow/tfjs-core";
import { LossScaleOptimizer, RMSprop, serialize } from "rmsprop";
import { type KerasFile, readKeras, writeWeights } from "rmsprop/keras";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import { LossScaleOptimizer as TensorLossScale, RMSprop as TensorRMSprop } from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import { drawGradients, drawKind, type Kind, made, type Subject, setAnyState, step } from "../contract/any-state.js";
import { bitsOf, refusalOf } from "../contract/support.js";
import { isWhole, SEED } from "../seed.js";
import { startBackend } from "../tfjs/backends.js";
import { compiled, variablesOf } from "../tfjs/models.js";
import { fixture } from "./expected.js";

/** States of a run of the suite; `npm run test:random` and `npm run test:package` take more. */
const STATES = Number(process.env.RMSPROP_STATES ?? (isWhole ? 40 : 12));

const layersOf = ({ variables }: Subject) => variables.map((each) => ({ className: "Dense", weights: [each] }));

function subjectOf({ optimizer, weights }: KerasFile): Subject {
  if (optimizer === null) throw new TypeError("the file has an optimizer");
  return { optimizer, variables: weights };
}

const state = ({ optimizer, variables }: Subject): string =>
  JSON.stringify([...optimizer.variables, ...variables].map(({ dtype, value }) => [dtype, bitsOf(value)]));

test(`${STATES} random states go on in every bit from a file, and are the same in the file that they came from`, async () => {
  const random = createRandom(17 + SEED);
  for (let i = 0; i < STATES; i++) {
    const kind: Kind = drawKind(random);
    const subject = made(kind);
    setAnyState(random, subject, kind);
    const bytes = await writeWeights({ layers: layersOf(subject), optimizer: subject.optimizer });
    const config = serialize(subject.optimizer);
    const file = await readKeras(bytes, { optimizer: config });
    const twin = subjectOf(file);
    expect(state(twin)).toBe(state(subject));
    const sizes = subject.variables.map(({ size }) => size);
    for (let after = 0; after < 3; after++) step([subject, twin], drawGradients(random, sizes));
    expect(state(twin)).toBe(state(subject));
    // A count may have outgrown its type since.
    const again = await readKeras(await file.toBytes(), { optimizer: config });
    expect(state(subjectOf(again))).toBe(state(subject));
    for (const each of [file, again]) each.dispose();
    subject.optimizer.dispose();
    for (const variable of subject.variables) variable.dispose();
  }
});

describe("a count", () => {
  const trained = (iteration: number): Subject => {
    const subject = made({ options: {}, scaling: null, specs: [{ name: "v", shape: [2], dtype: "float32" }] });
    subject.optimizer.variables[0]?.assign([iteration]);
    return subject;
  };
  const typeOf = ({ arrays }: KerasFile) => arrays.find(({ path }) => path === "optimizer/vars/0")?.dtype;

  test.each([
    [2 ** 31 - 1, "int32"],
    [2 ** 31, "int64"],
    [2 ** 53, "int64"],
  ])("of %d is written as %s", async (iteration, dtype) => {
    const subject = trained(iteration);
    const file = await readKeras(await writeWeights({ layers: layersOf(subject), optimizer: subject.optimizer }), {
      optimizer: "rmsprop",
    });
    expect([typeOf(file), file.optimizer?.iterations]).toEqual([dtype, iteration]);
  });

  test("that outgrows the int32 of the file that it came from gets another type there, and nothing else does", async () => {
    const file = await readKeras(fixture("jax-everything.keras"));
    const types = ({ arrays }: KerasFile) => arrays.map(({ path, dtype }) => `${path} ${dtype}`);
    expect(typeOf(file)).toBe("int32");
    file.optimizer?.variables[0]?.assign([2 ** 31 + 5]);
    const again = await readKeras(await file.toBytes());
    expect([typeOf(again), again.optimizer?.variables[0]?.value]).toEqual(["int64", Float64Array.of(2 ** 31 + 5)]);
    expect(new Set(types(again))).toEqual(
      new Set(types(file).map((text) => text.replace(/(vars\/0) int32$/, "$1 int64"))),
    );
  });
});

describe("an optimizer that a file is read into", () => {
  const BROKEN: readonly (readonly [string, () => RMSprop | LossScaleOptimizer])[] = [
    ["of other slots", () => new RMSprop({ momentum: 0.9 })],
    ["of another class", () => new LossScaleOptimizer(new RMSprop())],
  ];
  test.each(BROKEN)("%s is as it was when it cannot take the state, and can be used", async (_, create) => {
    const optimizer = create();
    const file = await readKeras(fixture("tensorflow-plain.weights.h5"), { optimizer });
    expect([file.optimizer, file.optimizerProblem]).toEqual([null, expect.stringMatching(/^Its state was left out: /)]);
    expect([optimizer.built, optimizer.iterations, optimizer.learningRate]).toEqual([
      ...[false, 0, Math.fround(0.001)],
    ]);
    const { variables } = made({ options: {}, scaling: null, specs: [{ name: "v", shape: [2], dtype: "float32" }] });
    optimizer.apply([[1, 2]], variables);
    expect(optimizer.iterations).toBe(1);
  });

  test("has to be new: one that trains other variables is refused", async () => {
    const subject = made({ options: {}, scaling: null, specs: [{ name: "v", shape: [2], dtype: "float32" }] });
    const optimizer = subject.optimizer;
    const error = await refusalOf(() => readKeras(fixture("tensorflow-plain.weights.h5"), { optimizer }));
    expect(error.message).toMatch(/^readKeras: options\.optimizer is built/);
    optimizer.apply([[1, 2]]);
    expect(optimizer.iterations).toBe(1);
  });
});

describe("in models of TensorFlow.js", () => {
  const state = (optimizer: TensorRMSprop | TensorLossScale) =>
    optimizer.variables.map(({ dtype, value }) => [dtype, `${value}`]);

  test("counts and scales beyond the usual ones go into files and come back", async () => {
    await startBackend("cpu");
    const create = () => new TensorLossScale(new TensorRMSprop());
    const [from, to] = [compiled(create()), compiled(create(), 1, "other")];
    const optimizer = from.optimizer as TensorLossScale;
    const own = new Map(optimizer.variables.map((variable) => [variable.path, variable]));
    own.get("loss_scale_optimizer/step_counter")?.assign([2 ** 40 + 1]);
    own.get("loss_scale_optimizer/dynamic_scale")?.assign([Infinity]);
    own.get("rmsprop/iteration")?.assign([2 ** 53 - 1]);
    const trained = variablesOf(from);
    tf.tidy(() => optimizer.apply(trained.map(tf.zerosLike), trained));
    await loadWeights(to, await saveWeights(from));
    const loaded = to.optimizer as TensorLossScale;
    expect(state(loaded)).toEqual(state(optimizer).slice(0, 6)); // slots wait for the first step
    expect([loaded.iterations, loaded.stepCounter, loaded.dynamicScale]).toEqual([2 ** 53, 2 ** 40 + 2, Infinity]);
  });

  test("weights that float32 makes infinite are refused, and nothing changes", async () => {
    await startBackend("cpu");
    const model = compiled(new TensorRMSprop());
    const before = model.getWeights().map((weight) => `${weight.dataSync()}`);
    const sizes = [12, 3, 6, 2];
    const variables = made({
      ...{ options: {}, scaling: null },
      specs: model.getWeights().map(({ shape }, i) => ({ name: `v${i}`, shape, dtype: "float64" as const })),
    }).variables;
    variables[2]?.assign(new Float64Array(sizes[2] ?? 0).fill(1e300));
    const [kernel, bias, second, last] = variables;
    if (!kernel || !bias || !second || !last) throw new TypeError("four weights");
    const layers = [
      { className: "Dense", weights: [kernel, bias] },
      { className: "Dense", weights: [second, last] },
    ];
    const error = await refusalOf(async () => loadWeights(model, await writeWeights({ layers })));
    expect(error.message).toMatch(/^loadWeights: layers\/dense_1\/vars\/0\[0\] must hold numbers that float32 holds/);
    expect(model.getWeights().map((weight) => `${weight.dataSync()}`)).toEqual(before);
  });
});
