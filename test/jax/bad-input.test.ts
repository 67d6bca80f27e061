// What is refused, with an error that names it; nothing has changed or leaked then (each suite counts buffers).
import { numpy as np, tree } from "@jax-js/jax";
import { schedules } from "rmsprop";
import { applyUpdates, RMSprop, rmsprop, type Tree, Variable } from "rmsprop/jax";
import { expect, test } from "vitest";
import { array, bits, onSomeBackend } from "./backends.js";

class Halving extends schedules.LearningRateSchedule {
  override call(step: number): number {
    return 1 / (step + 1);
  }
}
class Twice extends schedules.ExponentialDecay {
  override call(step: number): number {
    return 2 * super.call(step);
  }
}
const decay = { initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 };

const layers = () => [{ kernel: array([1, 2, 3, 4], [2, 2]), bias: array([1, 2]) }];
const model = () => ({ layers: layers(), scale: array([1, 2, 3]) });

onSomeBackend(() => {
  test.each<[string, () => Tree, RegExp]>([
    [
      "a leaf missing",
      () => ({ layers: [{ kernel: array([1, 2, 3, 4], [2, 2]) }], scale: array([1, 2, 3]) }),
      /gradients must be a tree like params; received gradients=layers\.0\.bias is missing/,
    ],
    ["a leaf too many", () => ({ ...model(), more: array([1, 2]) }), /more is not in params/],
    ["another order of keys", () => ({ scale: array([1, 2, 3]), layers: layers() }), /another order of keys/],
    [
      "another shape",
      () => ({ layers: layers(), scale: array([1, 2]) }),
      /gradients\.scale must have the shape \[3\] of params\.scale; received gradients\.scale=shape \[2\]/,
    ],
    ["a single array", () => array([1, 2]), /layers\.0\.kernel is missing/],
    [
      "another type",
      () => ({ layers: layers(), scale: np.array(Int32Array.of(1, 2, 3)) }),
      /gradients\.scale must be float32; received gradients\.scale=int32/,
    ],
  ])("gradients with %s are refused by their path", (_, create, message) => {
    const solver = rmsprop();
    const params: Tree = model();
    const state = solver.init(tree.ref(params));
    const gradients = create();
    expect(() => solver.apply(gradients, state, params)).toThrow(message);
    const updates = create();
    expect(() => applyUpdates(params, updates)).toThrow(/applyUpdates: updates/);
    tree.dispose([params, state, gradients, updates]);
  });

  test("state of other options, disposed arrays and missing params are refused", () => {
    const plain = rmsprop();
    const averaged = rmsprop({ useEma: true });
    const params = array([1, 2]);
    const state = plain.init(params.ref);
    const gradient = array([3, 4]);
    expect(() => averaged.apply(gradient, state, params)).toThrow(/state must have the keys .*average; received/);
    expect(() => averaged.update(gradient, state)).toThrow(/params must be given with weightDecay or useEma/);
    expect(() => plain.apply(gradient, { ...state, velocity: array([]) }, params)).toThrow(/state\.velocity must have/);
    const gone = array([1, 2]);
    gone.dispose();
    expect(() => plain.apply(gone, state, params)).toThrow(/gradients was disposed, or used up/);
    expect(() => plain.init({ a: gone })).toThrow(/params\.a was disposed/);
    const wrong = { ...state, iteration: np.array(0, { dtype: np.float32 }) };
    expect(() => plain.apply(gradient, wrong, params)).toThrow(/state\.iteration must be an array of int32/);
    tree.dispose([params, state, gradient]);
  });

  test.each<[string, object, RegExp]>([
    ["an unknown option", { rhoo: 1 }, /rhoo must be a known argument.*Did you mean rho\?/],
    ["a bad value", { rho: 2 }, /rho must be a finite number from 0 to 1; received rho=2/],
    ["a learning rate that is no number", { learningRate: "1" }, /learningRate must be a finite number/],
    [
      "a schedule without a formula",
      { learningRate: new Halving() },
      /learningRate must be a schedule of this package/,
    ],
    [
      "a schedule that changes its formula",
      { learningRate: new Twice(decay) },
      /learningRate must be a schedule of this/,
    ],
    ["names that are no array", { excludeFromWeightDecay: "bias" }, /names must be an array/],
    ["no object", { ...[1] }, /0 must be a known argument/],
  ])("rmsprop() refuses %s", (_, options, message) => {
    expect(() => rmsprop(options)).toThrow(message);
  });

  test("a learning rate function that gives a number is refused: it would be compiled in", () => {
    // A number is what the type refuses, too.
    const solver = rmsprop({ learningRate: (() => 0.1) as never });
    const params = array([1, 2]);
    const state = solver.init(params.ref);
    const gradient = array([1, 2]);
    expect(() => solver.apply(gradient, state, params)).toThrow(/learningRate must return a scalar array/);
    tree.dispose([params, state, gradient]);
  });

  test("a schedule of the user's own works in class RMSprop, which asks it before each step", () => {
    const v = new Variable([1, 2]);
    const optimizer = new RMSprop({ learningRate: new Halving() });
    optimizer.apply([array([1, 2])], [v]);
    expect(optimizer.learningRate).toBe(0.5);
    for (const made of [optimizer, v]) made.dispose();
  });

  test.each(["jax", "core"] as const)("engine %s: an apply or minimize that throws has changed nothing", (engine) => {
    const v = new Variable([1, 2], { name: "v" });
    const w = new Variable([3], { name: "w" });
    const gone = new Variable([1], { name: "gone" });
    gone.dispose();
    const optimizer = new RMSprop({ momentum: 0.9 }, engine);
    optimizer.minimize(() => np.square(v.ref).sum(), [v]);
    const before = snapshot(optimizer, v);
    const wrong = array([1, 2, 3]);
    const fine = array([1, 2]);
    const refused: (readonly [() => unknown, RegExp])[] = [
      [
        () => optimizer.minimize(() => np.square(v.ref).sum().mul(Number.NaN), [v]),
        /loss must return a loss that is a number; received loss=a loss of NaN\. Nothing was changed/,
      ],
      [() => optimizer.minimize(() => v.ref, [v]), /loss must return a scalar float32 array.*shape \[2\]/],
      [() => optimizer.minimize((() => 1) as never, [v]), /loss must return a scalar/],
      [
        () =>
          optimizer.minimize(() => {
            throw new Error("mine");
          }, [v]),
        /mine/,
      ],
      [
        () => optimizer.minimize(() => np.square(w.ref).sum(), [w]),
        /variables\[0\] must be one that the optimizer was built with/,
      ],
      [() => optimizer.minimize(() => np.square(v.ref).sum(), [gone]), /gone,? was disposed/],
      [() => optimizer.apply([wrong], [v]), /gradient of v must have the shape \[2\] of v/],
      [() => optimizer.apply([fine, fine], [v]), /gradients must have 1 items/],
      [() => optimizer.apply([fine, fine], [v, v]), /must not be there twice/],
      [() => optimizer.apply([null], [v]), /gradients must not all be null/],
      [() => optimizer.apply([[1, 2]] as never, [v]), /gradient of v must be an array or null/],
      [() => optimizer.apply([fine], [[1, 2]] as never), /must be a Variable of "rmsprop\/jax"/],
      [() => optimizer.setWeights([1]), /the state does not fit this optimizer/],
      [() => optimizer.excludeFromWeightDecay({ names: ["v"] }), /must come before the optimizer is built/],
      [() => optimizer.withAverage(() => 1), /withAverage needs averages/],
      [() => v.assign([1, 2, 3]), /value must have the shape \[2\] of v/],
    ];
    for (const [attempt, message] of refused) {
      expect(attempt).toThrow(message);
      expect(snapshot(optimizer, v)).toEqual(before);
    }
    for (const made of [optimizer, v, w, wrong, fine]) made.dispose();
    expect(() => optimizer.apply([null], [v])).toThrow(/was disposed/);
    expect(() => v.value).toThrow(/v was disposed/);
  });

  test("an engine that is none is refused", () => {
    expect(() => new RMSprop({}, "gpu" as never)).toThrow(/engine must be "jax" or "core"/);
  });
});

function snapshot(optimizer: RMSprop, v: Variable): string[] {
  return [bits(v.value), ...optimizer.variables.map(({ name, value }) => `${name} ${bits(value)}`)];
}
