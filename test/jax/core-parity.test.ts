// The same steps with core and inside jax-js: every option, random configurations; the bits are the same but for norms.
// `npm test` has one kind of numbers for each option inside jit, half of them outside, and fewer on the backend "cpu"; `npm run test:random` and `npm run test:package` have all.
import { jit, type numpy as np, tree } from "@jax-js/jax";
import * as core from "rmsprop";
import { applyUpdates, rmsprop, type TransformationOptions } from "rmsprop/jax";
import { expect, test } from "vitest";
import { fill, streamOf, ulpDistance } from "../oracle/bits.js";
import { choice, isThorough, isWhole } from "../seed.js";
import { array, bits, onEveryBackend, valuesOf } from "./backends.js";
import { TOLERANCES } from "./tolerances.js";

type Params = { w: np.Array; layers: { bias: np.Array }[]; scalar: np.Array };
const SHAPES = [[3, 5], [7], []] as const;
const REGIMES = ["normal", "mixed", "wide", "sparse", "small", "nonfinite", "subnormal"] as const;
const { CosineDecay, ExponentialDecay, PolynomialDecay } = core.schedules;

const OPTIONS: readonly (readonly [string, core.RMSpropOptions & TransformationOptions])[] = [
  ["the defaults", {}],
  ["momentum", { momentum: 0.9 }],
  ["centered", { centered: true, rho: 0.5 }],
  ["centered with momentum", { centered: true, momentum: 0.5, epsilon: 1e-3 }],
  ["weight decay", { weightDecay: 0.1, learningRate: 0.3 }],
  ["no weight decay, but the stage", { weightDecay: 0 }],
  ["clipvalue", { clipvalue: 0.01 }],
  ["a loss scale", { lossScaleFactor: 1024 }],
  ["accumulation", { gradientAccumulationSteps: 3, momentum: 0.9 }],
  ["averages", { useEma: true, emaMomentum: 0.9 }],
  ["averages that overwrite", { useEma: true, emaOverwriteFrequency: 2 }],
  ["averages that forget nothing and all", { useEma: true, emaMomentum: 1, emaOverwriteFrequency: 1 }],
  [
    "accumulation, averages that overwrite, decay, a loss scale, clipvalue",
    {
      ...{ gradientAccumulationSteps: 2, useEma: true, emaOverwriteFrequency: 2, weightDecay: 0.01 },
      ...{ lossScaleFactor: 8, clipvalue: 0.5, momentum: 0.9, centered: true },
    },
  ],
  ["epsilon 0", { epsilon: 0 }],
  ["rho 0 and 1", { rho: 0 }],
  ["rho 1", { rho: 1 }],
  ["a schedule", { learningRate: new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.7 }) }],
  [
    "a schedule under accumulation",
    {
      learningRate: new CosineDecay({ initialLearningRate: 0.1, decaySteps: 5, warmupTarget: 1, warmupSteps: 2 }),
      gradientAccumulationSteps: 2,
    },
  ],
  [
    "a schedule in cycles",
    { learningRate: new PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 3, power: 1.5, cycle: true }) },
  ],
];

onEveryBackend((backend) => {
  for (const jitted of [false, true]) {
    const how = jitted ? "inside jit" : "called directly";
    const rows = OPTIONS.map(([name, options], i) => [name, options, REGIMES[i % REGIMES.length]] as const);
    test.each(choice(rows, backend === "wasm" ? (jitted ? 1 : 2) : 6))(
      `%s, ${how}: parameters and state have the bits of core`,
      (_, options, own) => {
        // The backend "cpu" is an interpreter.
        const some = jitted && backend === "wasm" ? [own ?? "nonfinite"] : (["nonfinite"] as const);
        const regimes = isThorough || (isWhole && backend === "wasm") ? REGIMES : some;
        const differences = regimes.flatMap((regime, seed) => differenceOf(options, regime, seed, jitted));
        expect(differences).toEqual([]);
      },
    );
  }

  test.each(TOLERANCES.filter((row) => row.backend === backend))(
    "$option is within $ulp ulp of core: $reason",
    (row) => {
      let greatest = 0;
      for (let seed = 0; seed < (isWhole ? 12 : 4); seed++)
        greatest = Math.max(greatest, clippedDistance(row.option, seed));
      console.log(`jax-${backend}, ${row.option}: at most ${greatest} ulp`);
      expect(greatest).toBeLessThanOrEqual(row.ulp);
    },
  );

  test("updates give the bits of core when they are added, without decay and averages", () => {
    const solver = rmsprop({ momentum: 0.9, centered: true });
    const reference = new core.RMSprop({ momentum: 0.9, centered: true });
    const weights = fill(50, "float32", "normal", 5) as Float32Array;
    let params = array(weights);
    let state = solver.init(params.ref);
    for (let call = 0; call < 6; call++) {
      const gradient = fill(50, "float32", "normal", streamOf(1, call, 0)) as Float32Array;
      let updates: np.Array;
      [updates, state] = solver.update(array(gradient), state);
      params = applyUpdates(params, updates);
      reference.apply([gradient], [weights]);
      expect(bits(valuesOf(params))).toBe(bits(weights));
    }
    tree.dispose([params, state]);
  });
});

/** Where the two differ, in words. */
function differenceOf(
  options: core.RMSpropOptions & TransformationOptions,
  regime: string,
  seed: number,
  jitted: boolean,
): string[] {
  const values = SHAPES.map((shape, i) => numbers(shape, "normal", streamOf(seed, 0, i)));
  const reference = new core.RMSprop(options);
  const variables = values.map((value, i) => new core.Variable(value, { shape: SHAPES[i] ?? [] }));
  const solver = rmsprop(options);
  const apply = jitted ? jit(solver.apply<Params>) : null;
  let params = treeOf(values);
  let state = solver.init(tree.ref(params));
  const found: string[] = [];
  for (let call = 0; call < 7 && found.length === 0; call++) {
    const gradients = SHAPES.map((shape, i) => numbers(shape, regime, streamOf(seed, call + 1, i)));
    reference.apply(gradients, variables);
    [params, state] = (apply ?? solver.apply<Params>)(treeOf(gradients), state, params);
    const { iteration: _, learningRate: __, velocity, momentum, averageGradient, accumulator, average } = state;
    const slots = [average, accumulator, velocity, momentum, averageGradient].flatMap((slot) => (slot ? [slot] : []));
    const ours = [params, ...slots].flatMap((each) => leavesOf(each)).map((leaf) => bits(valuesOf(leaf)));
    const theirs = [
      ...variables.map(({ value }) => value),
      ...reference.variables.filter(({ name }) => /_/.test(name) && name !== "learning_rate").map(({ value }) => value),
    ].map(bits);
    const at = theirs.findIndex((text, i) => text !== ours[i]);
    if (at >= 0 || ours.length !== theirs.length) found.push(`${regime}, call ${call}, array ${at} of ${ours.length}`);
  }
  tree.dispose([params, state]);
  apply?.dispose();
  reference.dispose();
  for (const variable of variables) variable.dispose();
  return found;
}

/** The greatest distance of a variable's change in the first step with rho 0: the clipped gradient shows in it. */
function clippedDistance(option: "clipnorm" | "globalClipnorm", seed: number): number {
  const size = 1 + ((seed * 977) % 5000);
  const gradient = fill(size, "float32", "normal", streamOf(seed, 1, 0)) as Float32Array;
  const options = { [option]: 0.37, rho: 1, epsilon: 1, learningRate: 1 };
  const expected = new Float32Array(size);
  new core.RMSprop(options).apply([gradient], [expected]);
  const solver = rmsprop(options);
  const [params, state] = solver.apply(
    array(gradient),
    solver.init(array(new Float32Array(size))),
    array(new Float32Array(size)),
  );
  const received = valuesOf(params);
  tree.dispose([params, state]);
  return Math.max(...expected.map((value, i) => ulpDistance(value, received[i] ?? Number.NaN, "float32")));
}

function numbers(shape: readonly number[], regime: string, stream: number): Float32Array {
  return fill(
    shape.reduce((size, length) => size * length, 1),
    "float32",
    regime,
    stream,
  ) as Float32Array;
}

function treeOf([w, bias, scalar]: readonly Float32Array[]): Params {
  const [a, b, c] = [w, bias, scalar].map((values, i) => array(values ?? [], SHAPES[i] ?? []));
  if (!a || !b || !c) throw new RangeError("three arrays");
  return { w: a, layers: [{ bias: b }], scalar: c };
}

function leavesOf(params: Params): np.Array[] {
  return [params.w, ...params.layers.map(({ bias }) => bias), params.scalar];
}
