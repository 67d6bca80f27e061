// Several learning rates at once: each run of a vmap has the bits that it has alone, and those of core.
import { jit, numpy as np, tree, vmap } from "@jax-js/jax";
import * as core from "rmsprop";
import * as pure from "rmsprop/jax";
import { expect, test } from "vitest";
import { numbersOf } from "../contract/states.js";
import { choice, isThorough } from "../seed.js";
import { array, bits, onSomeBackend, valuesOf } from "./backends.js";

type Params = { kernel: np.Array; bias: np.Array };
type State = pure.TransformationState<never, never, Params>;
type Step = (params: Params, state: State, gradients: Params) => [Params, State];
/** A function that jax-js compiled, which keeps memory; others do not. */
type Compiled = Step & { dispose?(): void };

const RATES = [0.1, 0.01, 0.003, 0.5];
const CALLS = 10;
const SHAPES = [[3, 5], [7]] as const;

type OptimizerOf = new (options: object) => core.Optimizer;
type Create = (options: object) => pure.Transformation;

const CASES = [
  [core.RMSprop, pure.rmsprop, {}],
  [core.RMSprop, pure.rmsprop, { momentum: 0.9 }],
  [core.RMSprop, pure.rmsprop, { centered: true, momentum: 0.9, clipvalue: 0.5 }],
  [core.RMSprop, pure.rmsprop, { clipnorm: 0.5 }],
  [core.RMSprop, pure.rmsprop, { globalClipnorm: 0.5 }],
  [core.RMSprop, pure.rmsprop, { useEma: true, emaOverwriteFrequency: 2, lossScaleFactor: 4 }],
  [core.SGD, pure.sgd, { momentum: 0.9, nesterov: true }],
  [core.Adam, pure.adam, { amsgrad: true, gradientAccumulationSteps: 2 }],
  [core.AdamW, pure.adamw, { weightDecay: 0.1 }],
  [core.Lion, pure.lion, {}],
  [core.Adagrad, pure.adagrad, { gradientAccumulationSteps: 2 }],
  [core.Adadelta, pure.adadelta, {}],
  [core.Adamax, pure.adamax, {}],
  [core.Nadam, pure.nadam, {}],
  [core.Ftrl, pure.ftrl, { l1RegularizationStrength: 0.01, l2RegularizationStrength: 0.01, beta: 0.1 }],
  [core.ScheduleFreeAdamW, pure.scheduleFreeAdamw, { weightDecay: 0.01 }],
] as const;
const WAYS = ["vmap", "vmap within jit", "jit within vmap", "the whole run within vmap"] as const;
const ROWS = CASES.flatMap(([Class, create, options], i) => {
  const ways = isThorough ? WAYS : WAYS.slice(i % WAYS.length).slice(0, 1);
  // Each takes the options beside it.
  return ways.map((way) => ({
    Class: Class as OptimizerOf,
    create: create as Create,
    options: options as object,
    way,
  }));
});

const scalar = (value: number): np.Array => array([value]).reshape([]);
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
const start = SHAPES.map((shape, i) => numbersOf(i, sizeOf(shape)));
const gradientsOf = (call: number) => SHAPES.map((shape, i) => numbersOf(10 + 2 * call + i, sizeOf(shape)));

function treeOf([kernel = [], bias = []]: readonly ArrayLike<number>[]): Params {
  return { kernel: array(Float32Array.from(kernel), SHAPES[0]), bias: array(Float32Array.from(bias), SHAPES[1]) };
}

/** One step, whose gradient depends on the parameters, so that the runs part. */
const stepOf = (solver: pure.Transformation): Step => {
  return (params, state, gradients) => {
    const kernel = gradients.kernel.add(params.kernel.ref);
    return solver.apply({ kernel, bias: gradients.bias.add(params.bias.ref) }, state, params);
  };
};

function steppedBy(step: Compiled, [params, state]: [Params, State]): [Params, State] {
  let [now, of] = [params, state];
  for (let call = 0; call < CALLS; call++) [now, of] = step(now, of, treeOf(gradientsOf(call)));
  step.dispose?.();
  return [now, of];
}

/** The parameters and the state of all runs after all calls. */
function runsOf(solver: pure.Transformation, way: (typeof WAYS)[number]): [Params, State] {
  const step = stepOf(solver);
  const begin = (rate: np.Array, params: Params): [Params, State] => [params, solver.init(tree.ref(params), rate)];
  const rates = array(RATES);
  if (way === "the whole run within vmap") {
    return vmap((rate: np.Array) => steppedBy(step, begin(rate, treeOf(start))))(rates);
  }
  const steps: Readonly<Record<Exclude<typeof way, "the whole run within vmap">, () => Compiled>> = {
    vmap: () => vmap(step, [0, 0, null]),
    "vmap within jit": () => jit(vmap(step, [0, 0, null])),
    "jit within vmap": () => {
      const compiled = jit(step);
      return Object.assign(vmap(compiled, [0, 0, null]), { dispose: () => compiled.dispose() });
    },
  };
  return steppedBy(steps[way](), vmap(begin, [0, null])(rates, treeOf(start)));
}

/** The bits of each array; of one run of several, if it is given. */
const bitsOf = (given: [Params, State], run?: number): string[] =>
  tree.leaves(given).map((leaf) => {
    const values = [...leaf.ref.dataSync()];
    const size = values.length / RATES.length;
    return bits(run === undefined ? values : values.slice(run * size, (run + 1) * size));
  });

onSomeBackend(() => {
  // `npm run test:random` and `npm run test:package` take all of them.
  test.each(choice(ROWS, 8, 5))(
    "$Class.name of $options, $way: each rate's run has the bits that it has alone, and those of core",
    ({ Class, create, options, way }) => {
      const solver = create(options);
      const found = runsOf(solver, way);
      RATES.forEach((learningRate, run) => {
        const params = treeOf(start);
        const alone = steppedBy(stepOf(solver), [params, solver.init(tree.ref(params), scalar(learningRate))]);
        expect(bitsOf(found, run)).toEqual(bitsOf(alone));
        if (!("clipnorm" in options || "globalClipnorm" in options)) {
          expect(leavesOf(alone[0])).toEqual(coreRun(Class, { ...options, learningRate }));
        }
        tree.dispose(alone);
      });
      tree.dispose(found);
    },
  );

  // Keras 3.15.1 on NumPy, each rate in an optimizer of its own:
  // v = keras.Variable(np.array([1, -2, 0.5], "float32")); o = keras.optimizers.RMSprop(rate, momentum=0.9, centered=True)
  // for k in range(4): o.apply([ops.convert_to_tensor(np.array(v) * np.float32(0.5 + k))], [v])
  test.each([
    [
      "rmsprop",
      pure.rmsprop({ momentum: 0.9, centered: true }),
      [
        [-0.799170732498169, 0.5982820391654968, -0.4542110562324524],
        [0.9129799604415894, -1.9128854274749756, 0.4131832718849182],
        [0.9997093081474304, -1.9997092485427856, 0.4997093379497528],
      ],
    ],
    [
      "nadam",
      pure.nadam(),
      [
        [0.611811637878418, -1.6066149473190308, 0.12906932830810547],
        [0.9880871176719666, -1.988084077835083, 0.48809343576431274],
        [0.9999603033065796, -1.9999603033065796, 0.4999602437019348],
      ],
    ],
  ] as const)("%s: the runs of three rates end where Keras' do", (_, solver, expected) => {
    const init = (rate: np.Array, params: np.Array) =>
      [params, solver.init(params.ref, rate)] as [np.Array, pure.RMSpropState<np.Array>];
    const step = vmap((gradient: np.Array, state: pure.RMSpropState<np.Array>, params: np.Array) =>
      (solver as pure.Transformation<"velocity">).apply(gradient, state, params),
    );
    let [params, state] = vmap(init, [0, null])(array([0.1, 0.003, 1e-5]), array([1, -2, 0.5]));
    for (let call = 0; call < 4; call++) [params, state] = step(params.ref.mul(0.5 + call), state, params);
    expect(bits(valuesOf(params))).toBe(bits(expected.flat()));
    tree.dispose([params, state]);
  });

  test("a schedule for each run: its rate is put into the state before each step", () => {
    const solver = pure.sgd();
    const decay = (step: np.Array): np.Array => np.exp(step.astype(np.float32).mul(-0.5));
    const step = (peak: np.Array, params: np.Array, { learningRate, ...state }: pure.SGDState<np.Array>) => {
      learningRate?.dispose();
      const rate = decay(state.iteration.ref).mul(peak);
      return solver.apply(array([1, -1]), { ...state, learningRate: rate }, params);
    };
    const steps = vmap(step, [0, 0, 0]);
    const init = (params: np.Array) => solver.init(params);
    let params = array([1, 2, 1, 2], [2, 2]);
    let state = vmap(init)(params.ref);
    for (let call = 0; call < 4; call++) [params, state] = steps(array([0.1, 0.5]), params, state);
    const alone = [0.1, 0.5].map((peak) => {
      let own = array([1, 2]);
      let ownState = solver.init(own.ref);
      for (let call = 0; call < 4; call++) [own, ownState] = step(scalar(peak), own, ownState);
      tree.dispose(ownState);
      return own;
    });
    expect(bits(valuesOf(params))).toBe(alone.map((each) => bits(valuesOf(each))).join(""));
    tree.dispose([params, state, alone]);
  });

  test("a rate that cannot be that of a run is refused, and nothing is used up", () => {
    const params = array([1, 2]);
    const [rate, rates, gone] = [scalar(0.5), array([0.5, 0.1]), scalar(1)];
    const whole = np.array(1, { dtype: np.int32 });
    gone.dispose();
    const solver = pure.rmsprop();
    const scheduled = pure.rmsprop({ learningRate: (step) => step.astype(np.float32) });
    const state = solver.init(params.ref);
    const refused: (readonly [() => unknown, RegExp])[] = [
      [
        () => pure.adam({ learningRate: rate as never }),
        /adam: learningRate must be a number, .*Pass an array to init/,
      ],
      [() => pure.adam({ learningRate: rates as never }), /received learningRate=an array/],
      [() => solver.init(params, rates), /learningRate must have the shape \[\]; received learningRate=shape \[2\]/],
      [() => solver.init(params, 0.5 as never), /learningRate must be an array of float32; received learningRate=0\.5/],
      [() => solver.init(params, whole), /learningRate must be an array of float32; received learningRate=int32/],
      [() => solver.init(params, gone), /learningRate was disposed, or used up/],
      [
        () => scheduled.init(params, rate),
        /learningRate must be left out: .*a schedule or a function;.*put each step's rate into the state/,
      ],
      [
        () => solver.apply(params, { ...state, learningRate: rates }, params),
        /state\.learningRate must have the shape \[\]; .*under vmap, an array of rates is one for each run/,
      ],
    ];
    for (const [attempt, message] of refused) expect(attempt).toThrow(message);
    tree.dispose([params, rate, rates, whole, state]);
  });
});

const leavesOf = ({ kernel, bias }: Params): string[] => [kernel, bias].map((leaf) => bits(valuesOf(leaf)));

function coreRun(Class: OptimizerOf, options: object): string[] {
  const optimizer = new Class(options);
  const variables = start.map((values, i) => new core.Variable(values, { shape: SHAPES[i] ?? [] }));
  for (let call = 0; call < CALLS; call++) {
    const gradients = gradientsOf(call).map((gradient, i) => {
      const value = variables[i]?.value ?? [];
      return gradient.map((number, at) => Math.fround(number + (value[at] ?? 0)));
    });
    optimizer.apply(gradients, variables);
  }
  const found = variables.map(({ value }) => bits(value));
  optimizer.dispose();
  for (const variable of variables) variable.dispose();
  return found;
}
