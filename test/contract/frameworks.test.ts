// A training state kept in the reactive state of a framework: lists and options become proxies, and work; what has private
// state of its own is left alone, since a proxy of it would have none.
import {
  constraints,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  saveCheckpoint,
  schedules,
  setEngine,
  Variable,
} from "rmsprop";
import { beforeEach, expect, test } from "vitest";
import { FRAMEWORKS } from "./reactive.js";
import { bitsOf, ENGINES, stateOf } from "./support.js";

beforeEach(() => {
  setEngine(ENGINES[0] ?? "js");
});

function createState() {
  const learningRate = new schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 });
  const kernel = new Variable([[1, -2]], { name: "kernel", constraint: new constraints.MaxNorm({ maxValue: 1 }) });
  const bias = new Variable([3], { name: "bias" });
  return {
    ...{ learningRate, constraint: new constraints.NonNeg(), model: { layers: [{ kernel, bias }] } },
    ...{ weights: Float32Array.of(1, 2, 3), variables: [kernel, bias], gradients: [[[1, 2]], [3]] },
    optimizer: new RMSprop({ learningRate, momentum: 0.9, useEma: true }),
    scaled: new LossScaleOptimizer(new RMSprop()),
    options: { rho: 0.5, learningRate },
  };
}

type State = ReturnType<typeof createState>;

/** Everything that a program does with such a state; what it leaves. */
function used(state: State): unknown[] {
  const { optimizer, scaled, options, model, variables, gradients, weights, constraint } = state;
  for (let call = 0; call < 3; call++) optimizer.apply(gradients, variables);
  optimizer.applyGradients(variables.map((variable, i) => [gradients[i] ?? null, variable] as const));
  scaled.apply([weights], [weights]);
  const other = new RMSprop(options);
  other.excludeFromWeightDecay({ variables });
  other.apply([[4]], [model.layers[0]?.bias ?? variables[0] ?? new Variable(0)]);
  const saved: Record<string, never> = {};
  optimizer.saveOwnVariables(saved);
  optimizer.loadOwnVariables(saved);
  const average = optimizer.withAverage(() => variables.map(String));
  const again = loadCheckpoint(saveCheckpoint(optimizer, variables), optimizer, variables);
  const constrained = new Variable([-1, 1], { constraint });
  other.dispose();
  return [
    stateOf(optimizer, variables),
    stateOf(again.optimizer, again.variables),
    stateOf(scaled, [weights]),
    bitsOf(constrained.value),
    average,
    options.learningRate.call(3),
  ];
}

test.each(Object.entries(FRAMEWORKS))("%s of a training state works as the state itself", (_, wrap) => {
  expect(used(wrap(createState()))).toEqual(used(createState()));
});

test.each(Object.entries(FRAMEWORKS))("%s leaves optimizers, Variables, schedules and constraints alone", (_, wrap) => {
  const own = createState();
  const state = wrap(own);
  const objects = ({ optimizer, scaled, learningRate, constraint, variables, weights }: State) => [
    ...[optimizer, scaled, learningRate, constraint, ...variables, weights],
  ];
  for (const [i, object] of objects(state).entries()) expect(object).toBe(objects(own)[i]);
});

test("what frameworks look at says no more than a name: nothing can be iterated over", () => {
  const { optimizer, variables, constraint } = createState();
  expect([optimizer, variables[0], constraint].map(String)).toEqual([
    "[object RMSprop]",
    "[[1.0, -2.0]]",
    "[object NonNeg]",
  ]);
  expect(() => [...(optimizer as never)]).toThrow(/not iterable/);
  expect(() => optimizer.applyGradients(optimizer as never)).toThrow(/pairs must be an iterable of/);
  expect(() => new RMSprop(optimizer as never)).toThrow(
    /options must be one object; received options=an object of RMSprop/,
  );
});

test("a proxy that somebody makes all the same is refused, with the reason, and nothing changes", () => {
  const { optimizer, variables } = createState();
  const [kernel, bias] = variables;
  if (!kernel || !bias) throw new TypeError("no variables");
  const proxied = new Proxy(kernel, {});
  const remedy = /It is a proxy of a Variable: pass the Variable itself\./;
  expect(() => optimizer.apply([[[1, 2]], [3]], [proxied, bias])).toThrow(remedy);
  expect(() => optimizer.apply([proxied, [3]], variables)).toThrow(remedy);
  expect(() => new Variable(proxied)).toThrow(remedy);
  expect(() => kernel.assign(proxied)).toThrow(remedy);
  expect(() => saveCheckpoint(optimizer, [proxied])).toThrow(remedy);
  expect([optimizer.built, `${kernel}`]).toEqual([false, "[[1.0, -2.0]]"]);
});
