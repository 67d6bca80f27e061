// Several optimizers as one: the class over Variables and the pure functions over trees have the bits of core's MultiOptimizer.
import { jit, type numpy as np, tree, vmap } from "@jax-js/jax";
import * as core from "rmsprop";
import * as jax from "rmsprop/jax";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { numbersOf } from "../contract/states.js";
import { choice } from "../seed.js";
import { array, bits, onSomeBackend, valuesOf } from "./backends.js";

const CALLS = 7;
const SHAPES = { encoder_0_kernel: [3, 2], encoder_0_bias: [2], embedding: [5], head: [] } as const;
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];

type PartState = jax.MultiOptimizerState["optimizers"][number];
type Params = { encoder: { kernel: np.Array; bias: np.Array }[]; embedding: np.Array; head: np.Array };

/** What makes the parts on each face: the default, and those of the encoder and the embedding. */
interface Kind {
  readonly name: string;
  readonly parts: readonly (readonly [Class: keyof typeof FACES, options: object])[];
  readonly options?: { readonly globalClipnorm?: number; readonly lossScaleFactor?: number };
}

const FACES = {
  RMSprop: [core.RMSprop, jax.RMSprop, jax.rmsprop],
  SGD: [core.SGD, jax.SGD, jax.sgd],
  Adam: [core.Adam, jax.Adam, jax.adam],
  Nadam: [core.Nadam, jax.Nadam, jax.nadam],
  Adagrad: [core.Adagrad, jax.Adagrad, jax.adagrad],
  ScheduleFreeAdamW: [core.ScheduleFreeAdamW, jax.ScheduleFreeAdamW, jax.scheduleFreeAdamw],
} as const;

const decay = new core.schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 5 });
const KINDS: readonly Kind[] = [
  {
    name: "three classes",
    parts: [
      ["RMSprop", { momentum: 0.9 }],
      ["SGD", { learningRate: 0.5 }],
      ["Adam", {}],
    ],
  },
  {
    name: "decay, a clip and a schedule of their own, a loss scale",
    parts: [
      ["Nadam", { learningRate: 0.1 }],
      ["RMSprop", { centered: true, weightDecay: 0.1, clipvalue: 0.5 }],
      ["SGD", { learningRate: decay, momentum: 0.9, nesterov: true }],
    ],
    options: { lossScaleFactor: 8 },
  },
  {
    name: "turns of other lengths, averages that overwrite",
    parts: [
      ["ScheduleFreeAdamW", {}],
      ["Adagrad", { gradientAccumulationSteps: 2 }],
      ["RMSprop", { useEma: true, emaOverwriteFrequency: 3, gradientAccumulationSteps: 3 }],
    ],
  },
  {
    name: "a norm of each part",
    parts: [
      ["RMSprop", { globalClipnorm: 0.5 }],
      ["SGD", { globalClipnorm: 2 }],
      ["SGD", { clipnorm: 1 }],
    ],
  },
  // Its sums, in double, round to the bits of core here: in others they may differ, see tolerances.ts.
  {
    name: "one norm over all, and turns",
    parts: [
      ["RMSprop", {}],
      ["SGD", { gradientAccumulationSteps: 2 }],
      ["Adam", {}],
    ],
    options: { globalClipnorm: 0.5 },
  },
];

const keysOf = <T>(encoder: T, embedding: T, slash: "/" | "_") => ({ [`encoder${slash}.*`]: encoder, embedding });
const startOf = (i: number): Float32Array => numbersOf(i, sizeOf(NAMES[i] ?? "head"));
const gradientAt = (call: number, i: number): Float32Array =>
  numbersOf(100 + 10 * call + i, sizeOf(NAMES[i] ?? "head"));
const sizeOf = (name: keyof typeof SHAPES): number => [...SHAPES[name]].reduce((size, length) => size * length, 1);

function treeOf(valuesAt: (i: number) => Float32Array): Params {
  const [kernel, bias, embedding, head] = NAMES.map((name, i) => array(valuesAt(i), SHAPES[name])) as [
    np.Array,
    np.Array,
    np.Array,
    np.Array,
  ]; // as many as there are names
  return { encoder: [{ kernel, bias }], embedding, head };
}

/** The parts of a face, by its place in `FACES`. */
function partsOf<O>({ parts }: Kind, face: 0 | 1 | 2, ...more: unknown[]): [O, O, O] {
  const made = parts.map(([name, options]) => {
    const create: unknown = FACES[name][face];
    if (face === 2) return (create as (options: object) => O)(options);
    return new (create as new (...args: unknown[]) => O)(options, ...more);
  });
  return made as [O, O, O]; // as many as there are parts
}

/** The bits of the variables after each call, and those of the whole state in the end. */
function coreRun(kind: Kind): { variables: string[][]; state: Map<string, string> } {
  const [rest, encoder, embedding] = partsOf<core.Optimizer>(kind, 0);
  const map = new core.OptimizerMap(rest, keysOf(encoder, embedding, "_"));
  const optimizer = new core.MultiOptimizer(map, kind.options);
  const variables = NAMES.map((name, i) => new core.Variable(startOf(i), { name, shape: SHAPES[name] }));
  const seen = Array.from({ length: CALLS }, (_, call) => {
    optimizer.apply(
      NAMES.map((_, i) => gradientAt(call, i)),
      variables,
    );
    return variables.map(({ value }) => bits(value));
  });
  const state = new Map(optimizer.variables.map(({ path, value }) => [path, bits(Float32Array.from(value, Number))]));
  optimizer.dispose();
  for (const variable of variables) variable.dispose();
  return { variables: seen, state };
}

const leavesOf = ({ encoder, embedding, head }: Params): string[] =>
  [...encoder.flatMap(({ kernel, bias }) => [kernel, bias]), embedding, head].map((leaf) => bits(valuesOf(leaf)));

onSomeBackend((backend) => {
  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const kinds = choice(KINDS, 2).map((kind) => [kind.name, kind] as const);

  describe.each(["jax", "core"] as const)("engine %s", (engine) => {
    test.each(kinds)("class MultiOptimizer has the bits of core: %s", (_, kind) => {
      const [rest, encoder, embedding] = partsOf<jax.Optimizer>(kind, 1, engine);
      const map = new jax.OptimizerMap(rest, keysOf(encoder, embedding, "_"));
      const optimizer = new jax.MultiOptimizer(map, kind.options, engine);
      const variables = NAMES.map((name, i) => new jax.Variable(array(startOf(i), SHAPES[name]), { name }));
      const expected = coreRun(kind);
      for (let call = 0; call < CALLS; call++) {
        optimizer.apply(
          NAMES.map((name, i) => array(gradientAt(call, i), SHAPES[name])),
          variables,
        );
        expect(variables.map(({ value }) => bits(value))).toEqual(expected.variables[call]);
      }
      const state = new Map(
        optimizer.variables.map(({ path, value }) => [path, bits(Float32Array.from(value, Number))]),
      );
      expect(state).toEqual(expected.state);
      for (const made of [optimizer, ...variables]) made.dispose();
    });
  });

  test.each(kinds)("the pure functions have the bits of core, and jit compiles them once: %s", (_, kind) => {
    const [rest, encoder, embedding] = partsOf(kind, 2) as [jax.Transformation, jax.Transformation, jax.Transformation];
    const solver = jax.multiOptimizer(new jax.OptimizerMap(rest, keysOf(encoder, embedding, "/")), kind.options);
    let traces = 0;
    const step = jit((gradients: Params, state: jax.MultiOptimizerState, params: Params) => {
      traces++;
      return solver.apply(gradients, state, params);
    });
    let params = treeOf(startOf);
    let state = solver.init(tree.ref(params));
    const expected = coreRun(kind).variables;
    for (let call = 0; call < CALLS; call++) {
      const now = call % 2 === 0 ? solver.apply : step;
      [params, state] = now(
        treeOf((i) => gradientAt(call, i)),
        state,
        params,
      ) as [Params, jax.MultiOptimizerState];
      expect(leavesOf(params)).toEqual(expected[call]);
    }
    expect(traces).toBe(1);
    expect(state.optimizers.map(({ iteration }) => iteration.ref.item())).toEqual([CALLS, CALLS, CALLS]);
    step.dispose();
    tree.dispose([params, state]);
  });

  test("a function chooses by path, asked once for each; leaves without a gradient stay, update gives no change", () => {
    const [fast, slow] = [jax.sgd({ learningRate: 0.5 }), jax.sgd({ learningRate: 0.25 })];
    const asked: string[] = [];
    const solver = jax.multiOptimizer((path) => {
      asked.push(path);
      return path.startsWith("a/") ? fast : slow;
    });
    let params: jax.Tree = { a: [array([1]), { k: array([1]) }, array([1])], b: array([1]) };
    let state = solver.init(tree.ref(params));
    const gradients = () => ({ a: [array([1]), { k: null }, array([1])], b: array([1]) });
    [params, state] = solver.apply(gradients(), state, params);
    const [updates, next] = solver.update(gradients(), state, tree.ref(params));
    expect(asked).toEqual(["a/0", "a/1/k", "a/2", "b"]);
    expect(tree.leaves(params).map((leaf) => leaf.ref.item())).toEqual([0.5, 1, 0.5, 0.75]);
    expect(tree.leaves(updates).map((leaf) => Math.abs(leaf.ref.item()))).toEqual([0.5, 0, 0.5, 0.25]);
    tree.dispose([params, updates, next]);
  });

  test("a part without leaves keeps its state as it is, and its key is warned of", () => {
    const solver = jax.multiOptimizer(new jax.OptimizerMap(jax.sgd(), { [`${backend}/.*`]: jax.adam() }));
    let params = array([1, 2]);
    let state = solver.init(params.ref);
    [params, state] = solver.apply(array([1, 1]), state, params);
    expect(state.optimizers.map(({ iteration }) => iteration.ref.item())).toEqual([0, 1]);
    expect(console.warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(`"${backend}/.*"`));
    tree.dispose([params, state]);
  });

  test("vmap gives one part a rate of each run, and a norm over all is that of the run", () => {
    const map = new jax.OptimizerMap(jax.sgd(), { embedding: jax.rmsprop() });
    const solver = jax.multiOptimizer(map, { globalClipnorm: 0.1 });
    const run = (rate: np.Array, scale: np.Array): Record<string, np.Array> => {
      let params: Record<string, np.Array> = { embedding: array([1, 2]), head: array([3]) };
      const { optimizers } = solver.init(tree.ref(params));
      const [embedding, head] = optimizers as [PartState, PartState]; // as many as the map has
      embedding.learningRate?.dispose();
      let state: jax.MultiOptimizerState = { optimizers: [{ ...embedding, learningRate: rate }, head] };
      for (let call = 0; call < 3; call++) {
        const gradients = { embedding: params.embedding?.ref.mul(scale.ref), head: array([0.5]) };
        [params, state] = solver.apply(gradients as typeof params, state, params);
      }
      tree.dispose([state, scale]);
      return params;
    };
    const found = vmap(run, [0, 0])(array([0.1, 0.01]), array([1, -30]));
    const alone = [
      [0.1, 1],
      [0.01, -30],
    ].map((given) => run(...(given.map((value) => array([value]).reshape([])) as [np.Array, np.Array])));
    expect(tree.leaves(found).map((leaf) => bits(valuesOf(leaf)))).toEqual(
      ["embedding", "head"].map((name) => alone.map((each) => bits(valuesOf(each[name] as np.Array))).join("")),
    );
    tree.dispose([found, alone]);
  });

  test("what cannot be is refused, and nothing is used up", () => {
    const params = { a: array([1]), b: array([2]) };
    const solver = jax.multiOptimizer(new jax.OptimizerMap(jax.sgd(), { a: jax.adam({ useEma: true }) }));
    const state = solver.init(tree.ref(params));
    const twice = { a: { b: array([1]) }, "a/b": array([1]) };
    const two = jax.multiOptimizer(new jax.OptimizerMap(jax.sgd(), { "a.*": jax.sgd(), ".*a": jax.sgd() }));
    const clipped = jax.adam({ clipnorm: 1 });
    const [own, other] = [new jax.SGD(), new jax.SGD({}, "core")];
    const variable = new jax.Variable([1], { name: "a" });
    const gradient = array([1]);
    const refused: (readonly [() => unknown, RegExp])[] = [
      [() => jax.multiOptimizer({} as never), /multiOptimizer: optimizerMap must be an OptimizerMap or a function/],
      [() => jax.multiOptimizer(jax.adam() as never), /must be an OptimizerMap or a function/],
      [() => jax.multiOptimizer(new jax.OptimizerMap(own) as never), /must give transformations such as adam\(\)/],
      [() => jax.multiOptimizer(() => solver as never).init(params), /must give transformations/],
      [() => new jax.OptimizerMap(jax.sgd(), { a: own } as never), /optimizer must be of the same kind as the default/],
      [() => new jax.OptimizerMap(own, { a: jax.sgd() } as never), /optimizer must be of the same kind as the default/],
      [() => new jax.OptimizerMap({} as never), /must be an optimizer of "rmsprop\/jax"/],
      [() => new jax.OptimizerMap(jax.sgd()).getConfig(), /transformations have no config/],
      [() => new jax.MultiOptimizer(new jax.OptimizerMap(jax.sgd()) as never), /be an optimizer of "rmsprop\/jax"/],
      [() => new jax.MultiOptimizer(new jax.OptimizerMap(other)), /its part SGD computes on engine "core"/],
      [
        () => new jax.MultiOptimizer(() => other).apply([gradient], [variable]),
        /its part SGD computes on engine "core", it itself on "jax"/,
      ],
      [() => jax.multiOptimizer(() => clipped, { globalClipnorm: 1 }).init(params), /not clip by itself under/],
      [() => jax.multiOptimizer(() => clipped, { lossScaleFactor: 0 }), /lossScaleFactor must be a finite number > 0/],
      [() => jax.multiOptimizer(() => clipped, { clipnorm: 1 } as never), /clipnorm must be a known argument/],
      [() => solver.init(twice), /params must have one leaf of each path; received params=a\/b/],
      [() => two.init(params), /path must match one key; "a\.\*" and "\.\*a" match it/],
      [() => solver.update(params, state), /params must be given with weightDecay or useEma/],
      [() => solver.apply(params, state, undefined as never), /params must be given/],
      [() => solver.apply({ a: null, b: gradient }, state, params), /not all be null for its part adam; .*null for a/],
      [
        () => solver.apply({ a: gradient }, state, params as never),
        /gradients must be a tree like params.*b is missing/,
      ],
      [() => solver.apply(params, {} as never, params), /state must have optimizers, 2 of them; received state=none/],
      [
        () => solver.apply(params, { optimizers: [...state.optimizers].reverse() }, params),
        /state\.optimizers\[0\] must have the keys iteration, learningRate, momentum, velocity, average/,
      ],
    ];
    for (const [attempt, message] of refused) expect(attempt).toThrow(message);
    for (const made of [own, other, variable]) made.dispose();
    tree.dispose([params, state, twice, gradient]);
  });

  test("a config of the class comes back, on the engine asked for", () => {
    const map = new jax.OptimizerMap(new jax.SGD({ learningRate: 0.5 }), { "e.*": new jax.Adam() });
    const optimizer = new jax.MultiOptimizer(map, { lossScaleFactor: 2 });
    const config = optimizer.getConfig();
    const back = jax.MultiOptimizer.fromConfig(config, {}, "core");
    expect(back.getConfig()).toEqual(config);
    const variable = new jax.Variable([1, 2], { name: "v" });
    back.apply([array([2, 4])], [variable]);
    expect([...variable.value]).toEqual([0.5, 1]);
    for (const made of [optimizer, back, variable]) made.dispose();
  });
});
