// A step in place must not be seen through clones, reshaped tensors, snapshots and arrays that share a variable's storage.
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { RMSprop } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { bitsOf, variable } from "./backends.js";
import { onEveryBackend } from "./suite.js";

type Action =
  | { readonly kind: "step"; readonly gradient: "new" | "itself" | "other" | "clone" | "held"; readonly at: number }
  | { readonly kind: "clone" | "reshape" | "read" | "matMul"; readonly at: number }
  | { readonly kind: "assign"; readonly at: number; readonly from: "new" | "held" | "other" }
  | { readonly kind: "dispose"; readonly at: number };

const at = fc.nat(1);
const ACTIONS: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("step" as const), gradient: gradients(), at }) },
  fc.record({ kind: fc.constantFrom("clone" as const, "reshape" as const, "read" as const, "matMul" as const), at }),
  fc.record({
    kind: fc.constant("assign" as const),
    at,
    from: fc.constantFrom("new" as const, "held" as const, "other" as const),
  }),
  fc.record({ kind: fc.constant("dispose" as const), at: fc.nat(9) }),
);

function gradients(): fc.Arbitrary<"new" | "itself" | "other" | "clone" | "held"> {
  return fc.constantFrom("new", "itself", "other", "clone", "held");
}

const OPTIONS = [
  {},
  { momentum: 0.9, useEma: true },
  { centered: true, clipvalue: 0.5, gradientAccumulationSteps: 2 },
] as const;

onEveryBackend((backend) => {
  test("random programs of clones, snapshots, assignments and steps see what they see with the unfused steps", () => {
    const program = fc.tuple(fc.constantFrom(...OPTIONS), fc.array(ACTIONS, { minLength: 3, maxLength: 25 }));
    fc.assert(
      fc.property(program, ([options, actions]) => {
        expect(seen(options, actions, true)).toEqual(seen(options, actions, false));
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  test("variables that nobody shares are updated without a copy, others with one", () => {
    const optimizer = new RMSprop();
    const [alone, shared] = [variable([1, 2]), variable([3, 4])];
    const gradient = tf.tensor1d([1, 1]);
    const snapshot = tf.reshape(shared, [2]); // on wasm, a clone is a copy
    const step = () => optimizer.apply([gradient, gradient], [alone, shared]);
    step();
    expect(optimizer.stepCounts).toEqual({ fused: 1, composed: 0, copied: backend === "wasm" ? 1 : 0 });
    step();
    expect(optimizer.stepCounts.copied).toBe(backend === "wasm" ? 1 : 0);
    expect([...snapshot.dataSync()]).toEqual([3, 4]);
    for (const made of [optimizer, alone, shared, gradient, snapshot]) made.dispose();
  });

  test("numbers that came out or went in stay what they were", () => {
    const numbers = Float32Array.of(1, 2, 3);
    const trained = tf.tidy(() => tf.variable(tf.tensor1d(numbers)));
    const optimizer = new RMSprop();
    const out = trained.dataSync();
    tf.tidy(() => optimizer.apply([tf.ones([3])], [trained]));
    expect([[...numbers], [...out]]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect([...trained.dataSync()]).not.toEqual([1, 2, 3]);
    trained.dispose();
    optimizer.dispose();
  });

  test("what the backend has derived from weights, as matMul and conv2d do, follows a step", () => {
    const optimizer = new RMSprop({ learningRate: 0.1 });
    const [kernel, filter] = [variable([[1], [2]]), variable([[[[1]]], [[[2]]]])];
    const outputs = () =>
      tf.tidy(() => [
        bitsOf(tf.matMul(tf.tensor2d([[1, 1]]), kernel)),
        bitsOf(tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 1, 1]), filter as tf.Variable<tf.Rank.R4>, 1, "valid")),
      ]);
    const before = outputs();
    tf.tidy(() => optimizer.apply([tf.ones([2, 1]), tf.ones([2, 1, 1, 1])], [kernel, filter]));
    const after = outputs();
    const expected = tf.tidy(() => [
      bitsOf(tf.sum(kernel.clone())),
      bitsOf(tf.fill([3], tf.sum(filter).dataSync()[0] ?? 0)),
    ]);
    expect(after).toEqual(expected);
    expect(after).not.toEqual(before);
    for (const made of [optimizer, kernel, filter]) made.dispose();
  });
});

/** The bits of everything that a program can see after each of its actions. */
function seen(options: (typeof OPTIONS)[number], actions: readonly Action[], fused: boolean): string[] {
  tf.env().set("RMSPROP_FUSED", fused);
  const optimizer = new RMSprop({ learningRate: 0.1, ...options });
  const init = tf.tensor2d([1, -2, 3, -4], [2, 2]);
  const variables = [
    tf.variable(init),
    variable([
      [0.5, 1.5],
      [2.5, -3.5],
    ]),
  ] as const; // the first shares with `init`
  const held: tf.Tensor[] = [init];
  const log: string[] = [];
  for (const [i, action] of actions.entries()) {
    const own = variables[("at" in action ? action.at : 0) % 2] as tf.Variable;
    const other = variables[(action.at + 1) % 2] as tf.Variable;
    const square = held.findLast((tensor) => tensor.shape.length === 2) ?? own;
    const fresh = () => tf.tensor2d([1, -1, i, 0.25], [2, 2]);
    const sources = { new: fresh, itself: () => own, other: () => other, clone: () => own.clone(), held: () => square };
    tf.tidy(() => {
      if (action.kind === "step") optimizer.apply([sources[action.gradient](), fresh()], [own, other]);
      if (action.kind === "clone") held.push(tf.keep(own.clone()));
      if (action.kind === "reshape") held.push(tf.keep(tf.reshape(own, [4])));
      if (action.kind === "read") log.push(bitsOf(own));
      if (action.kind === "matMul") log.push(bitsOf(tf.matMul(fresh(), own as tf.Variable<tf.Rank.R2>)));
      if (action.kind === "assign" && (action.from !== "held" || square !== own)) own.assign(sources[action.from]());
    });
    if (action.kind === "dispose" && held.length > 1) held.splice(action.at % held.length, 1)[0]?.dispose();
    log.push(...[...variables, ...held].map(bitsOf));
  }
  for (const made of [optimizer, ...variables, ...held]) made.dispose();
  tf.env().set("RMSPROP_FUSED", true);
  return log;
}
