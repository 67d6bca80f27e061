// Whatever an optimizer's state becomes, tensors and checkpoints hold it, and what is loaded goes on in every bit.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import {
  drawGradients,
  drawKind,
  type Kind,
  made as madeInCore,
  type Subject as SubjectOf,
  setAnyState,
  sizeOf,
} from "../contract/any-state.js";
import { isWhole, SEED } from "../seed.js";
import { bits, bitsOf, variable } from "./backends.js";
import { loaded, saved } from "./files.js";
import { compiled, createData, trainOnBatch, weightBits } from "./models.js";
import { onEveryBackend } from "./suite.js";

/** States of a run of the suite; `npm run test:random` and `npm run test:package` take more. */
const STATES = Number(process.env.RMSPROP_STATES ?? (isWhole ? 60 : 20));

let named = 0;

type Subject = SubjectOf<RMSprop | LossScaleOptimizer, tf.Variable>;

function made({ options, scaling, specs }: Kind): Subject {
  const inner = new RMSprop(options);
  return {
    optimizer: scaling === null ? inner : new LossScaleOptimizer(inner, scaling),
    variables: specs.map(({ name, shape }) => {
      const zeros = tf.util.toNestedArray([...shape], new Float32Array(sizeOf(shape)));
      // No two may have one name, and numbers in them do not count.
      return variable(zeros, `${name}_${named++}`);
    }),
  };
}

function step(subjects: readonly Subject[], gradients: readonly Float32Array[]): void {
  for (const { optimizer, variables } of subjects) {
    tf.tidy(() => {
      const tensors = gradients.map((gradient, i) => tf.tensor(gradient, variables[i]?.shape, "float32"));
      optimizer.apply(tensors, [...variables]);
    });
  }
}

/** Tensors, into an optimizer that has not seen its variables yet. */
async function throughTensors(from: Subject, kind: Kind): Promise<Subject> {
  const to = made(kind);
  to.variables.forEach((each, i) => {
    each.assign(from.variables[i] as tf.Variable);
  });
  await to.optimizer.setWeights(await from.optimizer.getWeights());
  return to;
}

const FORMS: readonly ((from: Subject, kind: Kind) => Subject | Promise<Subject>)[] = [
  throughTensors,
  // Values that wait for their variables are in a checkpoint, too.
  async (from, kind) => {
    const [middle, to] = [await throughTensors(from, kind), made(kind)];
    loadCheckpoint(saveCheckpoint(middle.optimizer, middle.variables), to.optimizer, to.variables);
    dispose(middle);
    return to;
  },
  // An optimizer that was trained before.
  async (from, kind) => {
    const to = made(kind);
    step(
      [to],
      to.variables.map(({ size }) => new Float32Array(size).fill(1)),
    );
    await to.optimizer.setWeights(await from.optimizer.getWeights());
    to.variables.forEach((each, i) => {
      each.assign(from.variables[i] as tf.Variable);
    });
    return to;
  },
];

/** Values by kind, since names differ. */
const state = ({ optimizer, variables }: Subject): string =>
  JSON.stringify([
    ...optimizer.variables.map(({ slot, dtype, value }) => [
      slot,
      dtype,
      dtype.startsWith("int") ? `${value}` : bits(value),
    ]),
    ...variables.map(bitsOf),
  ]);

function dispose({ optimizer, variables }: Subject): void {
  optimizer.dispose();
  tf.dispose([...variables]);
}

onEveryBackend(() => {
  test(`${STATES} random states that come from core in checkpoints go on in every bit from every form`, async () => {
    const random = createRandom(16 + SEED);
    for (let i = 0; i < STATES; i++) {
      const kind = drawKind(random, { float64: false });
      const [origin, subject] = [madeInCore(kind), made(kind)];
      setAnyState(random, origin, kind);
      const bytes = core.saveCheckpoint(origin.optimizer, origin.variables);
      loadCheckpoint(bytes, subject.optimizer, subject.variables);
      const twins: Subject[] = [];
      for (const form of FORMS) twins.push(await form(subject, kind));
      for (let after = 0; after < 3; after++) {
        const gradients = drawGradients(
          random,
          subject.variables.map(({ size }) => size),
        );
        step([subject, ...twins], gradients);
        for (const twin of twins) expect(state(twin)).toBe(state(subject));
      }
      for (const each of [subject, ...twins]) dispose(each);
    }
  });

  test("a model is saved and loaded with counts and scales beyond the usual ones, and trains on in every bit", async () => {
    const data = createData();
    const model = compiled(new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), { dynamicGrowthSteps: 3 }));
    await trainOnBatch(model, data, 1);
    const optimizer = model.optimizer as LossScaleOptimizer;
    const own = new Map(optimizer.variables.map((variable) => [variable.path, variable]));
    own.get("loss_scale_optimizer/step_counter")?.assign([2 ** 40 + 1]);
    own.get("loss_scale_optimizer/dynamic_scale")?.assign([2 ** 120]);
    own.get("rmsprop/iteration")?.assign([2 ** 31 - 1]);
    await trainOnBatch(model, data, 1);
    const again = await loaded(await saved(model));
    const [iter] = await optimizer.innerOptimizer.getWeights();
    // The last 31 bits, and the others.
    expect([iter?.tensor.dtype, iter?.tensor.shape, iter?.tensor.dataSync()]).toEqual([
      ...["int32", [2], Int32Array.of(0, 1)],
    ]);
    for (const each of [model, again]) await trainOnBatch(each, data, 2);
    const [first, second] = [optimizer, again.optimizer as LossScaleOptimizer];
    const counters = ({ iterations, stepCounter, dynamicScale }: LossScaleOptimizer) => [
      ...[iterations, stepCounter, dynamicScale],
    ];
    expect(counters(first)).toEqual([2 ** 31 + 2, 2 ** 40 + 4, 2 ** 120]);
    expect(counters(second)).toEqual(counters(first));
    expect(weightBits(again)).toEqual(weightBits(model));
    for (const made of [model, again, first, second, data.x, data.y]) made.dispose();
  });

  test("a checkpoint of values that wait for variables that are not there is refused", async () => {
    const kind: Kind = { options: {}, scaling: null, specs: [{ name: "v", shape: [2], dtype: "float32" }] };
    const [from, to] = [made(kind), made(kind)];
    step([from], [Float32Array.of(1, 2)]);
    await to.optimizer.setWeights(await from.optimizer.getWeights());
    expect(() => saveCheckpoint(to.optimizer)).toThrow(
      /^RMSprop: rmsprop\/v_\d+\/velocity waits .*\. Pass all of the model's variables\.$/,
    );
    expect(to.optimizer.trainedVariables).toEqual([]);
    for (const each of [from, to]) dispose(each);
  });

  test("weights that do not fit a loss scale or the optimizer within change neither", async () => {
    const kind: Kind = {
      options: {},
      scaling: { initialScale: 8, dynamicGrowthSteps: 2 },
      specs: [{ name: "v", shape: [2], dtype: "float32" }],
    };
    const subject = made(kind);
    step([subject], [Float32Array.of(1, 2)]);
    const good = await subject.optimizer.getWeights();
    const before = state(subject);
    const wrong: readonly (readonly [at: number, values: number | number[], type: "int32" | "float32"])[] = [
      [2, -1, "int32"],
      [3, -8, "float32"],
      [4, -1, "int32"],
      [5, Number.NaN, "float32"],
      [6, [1, 2, 3], "float32"],
    ];
    for (const [at, values, type] of wrong) {
      const tensor = tf.tensor(values, undefined, type);
      const weights = good.map((weight, i) => (i === at ? { ...weight, tensor } : weight));
      await expect(subject.optimizer.setWeights(weights)).rejects.toThrow(/^(LossScaleOptimizer|RMSprop): /);
      expect(state(subject)).toBe(before);
      tensor.dispose();
    }
    dispose(subject);
  });
});
