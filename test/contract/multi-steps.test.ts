// A step of MultiOptimizer is one step: of all parts or of none, with one norm over all of them, and gradients as they were
// before it.
import {
  Adam,
  constraints,
  type Gradient,
  LossScaleOptimizer,
  MultiOptimizer,
  type Optimizer,
  OptimizerMap,
  RMSprop,
  SGD,
  Variable,
} from "rmsprop";
import { expect, test } from "vitest";
import { errorOf, onEveryEngine, stateOf } from "./support.js";

/** Numbers of one sequence, the same each time. */
function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233) * 3);
}

const SIZES = [1, 130, 7, 33_000, 5, 64];

const variablesOf = (): Variable[] =>
  SIZES.map((size, i) => new Variable(numbers(size, i), { name: `${"ab"[i % 2]}_${i}` }));
const gradientsOf = (step: number): Float32Array[] => SIZES.map((size, i) => numbers(size, 100 + 10 * step + i));
const bitsOf = (variables: readonly Variable[]): string[] =>
  variables.map(({ value }) => Buffer.from(value.slice().buffer).toString("base64").slice(-400));

/** Two parts whose variables take turns. */
const twoParts = (a: Optimizer, b: Optimizer, options: { globalClipnorm?: number } = {}): MultiOptimizer =>
  new MultiOptimizer(new OptimizerMap(b, { "a_.*": a }), options);

const SINGLE = [
  ["RMSprop with momentum", () => new RMSprop({ momentum: 0.9 }), { momentum: 0.9 }, RMSprop],
  [
    "Adam that accumulates and averages",
    () => new Adam({ gradientAccumulationSteps: 2, useEma: true, weightDecay: 0.01 }),
    { gradientAccumulationSteps: 2, useEma: true, weightDecay: 0.01 },
    Adam,
  ],
] as const;

onEveryEngine(() => {
  test.each(SINGLE)("globalClipnorm over parts of %s gives the bits of one optimizer with it", (_, part, own, One) => {
    const [variables, expected] = [variablesOf(), variablesOf()];
    const multi = twoParts(part(), part(), { globalClipnorm: 0.5 });
    const one = new One({ ...own, globalClipnorm: 0.5 } as never); // options of its class
    for (let step = 0; step < 6; step++) {
      const isSome = step === 3;
      const gradients: (Float32Array | null)[] = gradientsOf(step);
      if (isSome) gradients[2] = null;
      multi.apply(gradients, variables);
      one.apply(gradients, expected);
      expect(bitsOf(variables)).toEqual(bitsOf(expected));
    }
    const scaled = [new LossScaleOptimizer(multi), new LossScaleOptimizer(one)] as const;
    scaled[0].apply(gradientsOf(9), variables);
    scaled[1].apply(gradientsOf(9), expected);
    expect(bitsOf(variables)).toEqual(bitsOf(expected));
  });

  test("parts with clips of their own each have their own norm", () => {
    const [variables, expected] = [variablesOf(), variablesOf()];
    const multi = twoParts(new SGD({ globalClipnorm: 0.5 }), new SGD({ globalClipnorm: 2 }));
    const alone = [new SGD({ globalClipnorm: 0.5 }), new SGD({ globalClipnorm: 2 })];
    const gradients = gradientsOf(0);
    multi.apply(gradients, variables);
    for (const [part, optimizer] of alone.entries()) {
      const isOwn = (_: unknown, i: number): boolean => i % 2 === part;
      optimizer.apply(gradients.filter(isOwn), expected.filter(isOwn));
    }
    expect(bitsOf(variables)).toEqual(bitsOf(expected));
  });

  test("a gradient that is a variable of another part is read as it was before the step", () => {
    const make = (): Variable[] => [new Variable([1, 2], { name: "a_0" }), new Variable([3, 4], { name: "b_0" })];
    const [[a, b], [c, d]] = [make(), make()] as [Variable[], Variable[]];
    const gradients = [a, b].map((v) => v?.toArray() as Gradient);
    twoParts(new SGD(), new SGD()).apply([b, a] as Variable[], [a, b] as Variable[]);
    twoParts(new SGD(), new SGD()).apply([gradients[1] ?? null, gradients[0] ?? null], [c, d] as Variable[]);
    expect(`${a} ${b}`).toBe(`${c} ${d}`);
  });

  test("some of the variables move their parts alone; the others stand still", () => {
    const multi = twoParts(new SGD(), new Adam());
    const variables = variablesOf();
    multi.build(variables);
    const before = bitsOf(variables);
    multi.apply([numbers(130, 1)], [variables[1] as Variable]);
    expect([multi, ...multi.optimizers].map(({ iterations }) => iterations)).toEqual([1, 0, 1]);
    expect(bitsOf(variables).map((bits, i) => bits === before[i])).toEqual([true, false, true, true, true, true]);
    // Its own part alone goes on where it was.
    multi.optimizers[1]?.apply([numbers(130, 1)], [variables[1] as Variable]);
    expect(multi.optimizers[1]?.iterations).toBe(2);
  });

  const refusals: readonly [string, (parts: Parts) => unknown, RegExp][] = [
    [
      "a schedule of the last part that throws",
      ({ multi, last }) => {
        last.learningRate = () => {
          throw new Error("no rate");
        };
        multi.apply([[1], [1]]);
      },
      /no rate/,
    ],
    ["a gradient of another shape", ({ multi }) => multi.apply([[1], [1, 2]]), /have the shape \[1\] of b_0/],
    ["a part without any gradient", ({ multi }) => multi.apply([[1], null]), /not all be null for its part sgd/],
    [
      "a loss scale that was set on a part",
      ({ multi, last }) => {
        last.lossScaleFactor = 2;
        multi.apply([[1], [1]]);
      },
      /its own is null. Set it here, not on the SGD/,
    ],
    [
      "a constraint of the user's that throws after the step",
      ({ multi }) => multi.apply([[1], [100]]),
      /above its limit/,
    ],
    ["a variable that it does not know", ({ multi }) => multi.apply([[1]], [new Variable([1])]), /was built with/],
    [
      "a part that is within withAverage",
      ({ multi, first }) => first.withAverage(() => multi.apply([[1], [1]])),
      /hold their averages/,
    ],
    [
      "a step within its own withAverage",
      ({ multi, first }) => multi.withAverage(() => first.apply([[1]])),
      /hold their averages/,
    ],
    [
      "a step of a part within a step",
      ({ multi, first, last }) => {
        last.learningRate = () => {
          first.apply([[1]]);
          return 1;
        };
        multi.apply([[1], [1]]);
      },
      /a step is being made/,
    ],
  ];

  test.each(refusals)("%s is refused, and no part has moved", (_, act, message) => {
    const parts = twoVariables();
    const before = parts.state();
    expect(errorOf(() => act(parts)).message).toMatch(message);
    expect(parts.state()).toEqual(before);
  });
});

interface Parts {
  readonly multi: MultiOptimizer;
  readonly first: Optimizer;
  readonly last: Optimizer;
  readonly state: () => unknown;
}

class Limit extends constraints.Constraint {
  override call(value: Float32Array): Float32Array {
    if (value.some((each) => Math.abs(each) > 10)) throw new Error("above its limit");
    return value;
  }
}

function twoVariables(): Parts {
  const variables = [new Variable([1], { name: "a_0" }), new Variable([1], { name: "b_0", constraint: new Limit() })];
  const [first, last] = [new RMSprop({ useEma: true, momentum: 0.5 }), new SGD({ learningRate: 1 })];
  const multi = twoParts(first, last);
  multi.apply([[1], [1]], variables);
  const state = (): unknown => {
    last.learningRate = 1; // in place of what a test has set
    return stateOf(multi, variables);
  };
  return { multi, first, last, state };
}
