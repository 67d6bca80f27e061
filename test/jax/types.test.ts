// What TypeScript accepts and refuses under the strictest settings, without casts; the type checker runs this, too.
import { grad, type JsTree, jit, numpy as np, tree } from "@jax-js/jax";
import {
  applyUpdates,
  MultiOptimizer,
  type MultiOptimizerState,
  multiOptimizer,
  OptimizerMap,
  RMSprop,
  type RMSpropState,
  rmsprop,
  type Variable,
} from "rmsprop/jax";
import { expect, expectTypeOf, test } from "vitest";
import { array, onSomeBackend } from "./backends.js";

type Params = { layers: { kernel: np.Array; bias: np.Array }[]; scale: np.Array };

/** The shape of an optimizer in jax-js' port of optax. */
interface GradientTransformation {
  init<P extends JsTree<np.Array>>(params: P): JsTree<np.Array>;
  update<P extends JsTree<np.Array>>(updates: P, state: JsTree<np.Array>, params?: P): [P, JsTree<np.Array>];
}

test("options, states and functions have their types", () => {
  const solver = rmsprop({ learningRate: (step) => step.astype(np.float32) });
  expectTypeOf(solver.init<Params>).returns.toEqualTypeOf<RMSpropState<Params>>();
  expectTypeOf<RMSpropState<Params>>().toExtend<JsTree<np.Array>>();
  expectTypeOf(new RMSprop().learningRate).toEqualTypeOf<number>();
  expectTypeOf(new RMSprop().minimize).returns.toEqualTypeOf<number>();
  expectTypeOf<Variable["ref"]>().toEqualTypeOf<np.Array>();
  expectTypeOf<MultiOptimizerState>().toExtend<JsTree<np.Array>>();
  const asOptax: GradientTransformation = rmsprop();
  const several: GradientTransformation = multiOptimizer(new OptimizerMap(rmsprop()));
  expect(Object.keys(several)).toEqual(Object.keys(asOptax));
  expect(Object.keys(asOptax)).toContain("update");
});

test("mistakes are refused by the type checker", () => {
  // @ts-expect-error Keras' spelling
  expect(() => rmsprop({ learning_rate: 0.1 })).toThrow(TypeError);
  // @ts-expect-error a class's optimizer among transformations
  expect(() => new OptimizerMap(rmsprop(), { a: new RMSprop() })).toThrow(TypeError);
  // @ts-expect-error transformations for the class
  expect(() => new MultiOptimizer(new OptimizerMap(rmsprop()))).toThrow(TypeError);
  // @ts-expect-error a number where an array belongs
  expect(() => rmsprop().init(array([1]), 0.1)).toThrow(TypeError);
  // @ts-expect-error a number where the engine's name belongs
  expect(() => new RMSprop({}, 1)).toThrow(RangeError);
});

onSomeBackend(() => {
  test("a tree of a type of one's own goes through jit, grad, apply and update without a cast", () => {
    const solver = rmsprop({ useEma: true });
    const loss = ({ layers, scale }: Params): np.Array =>
      layers.reduce(
        (sum, { kernel, bias }) => sum.add(kernel.sum()).add(np.square(bias).sum()),
        np.square(scale).sum(),
      );
    const step = jit((params: Params, state: RMSpropState<Params>) => {
      const gradients = grad(loss)(tree.ref(params));
      return solver.apply(gradients, state, params);
    });
    let params: Params = { layers: [{ kernel: array([1, 2]), bias: array([3, 4]) }], scale: array([5, 6]) };
    let state = solver.init(tree.ref(params));
    [params, state] = step(params, state);
    const [updates, next] = solver.update(grad(loss)(tree.ref(params)), state, tree.ref(params));
    params = applyUpdates(params, updates);
    expect(next.iteration.ref.item()).toBe(2);
    step.dispose();
    tree.dispose([params, next]);
  });
});
