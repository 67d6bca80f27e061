// The same steps with core and with tensors: every option, random configurations, the same bits.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";
import { expect, test, vi } from "vitest";
import { fill, streamOf, ulpDistance } from "../oracle/bits.js";
import { isWhole } from "../seed.js";
import { bits, bitsOf } from "./backends.js";
import { onEveryStrategy } from "./suite.js";
import { TOLERANCES } from "./tolerances.js";

const SHAPES: readonly (readonly number[])[] = [[], [1], [0], [7], [3, 5], [2, 3, 4], [4, 1, 2], [129]];
const REGIMES = ["normal", "mixed", "wide", "sparse", "small", "large", "nonfinite", "subnormal"];
/** `npm run test:package` draws a hundred. */
const CONFIGURATIONS = isWhole ? 100 : 16;

onEveryStrategy((backend, kind) => {
  test(`${CONFIGURATIONS} random configurations without norms: variables and state have the bits of core`, () => {
    expectParity(CONFIGURATIONS, (draw) => draw.clip, gradientOf);
  });

  // Squares of small whole numbers have one sum in whatever order they are added.
  test(`${CONFIGURATIONS / 2} random configurations with norms, of gradients whose norm is exact: the bits of core`, () => {
    expectParity(CONFIGURATIONS / 2, (draw) => draw.norm, wholeGradientOf);
  });

  if (kind === "fused") {
    test(`${CONFIGURATIONS / 2} random configurations with norms of any gradient: the bits of core`, () => {
      expectParity(CONFIGURATIONS / 2, (draw) => draw.norm, gradientOf);
    });
    return;
  }

  const tolerances = TOLERANCES.filter((row) => row.backend === backend);
  test.each(tolerances)("$option of any gradient is within $ulp ulp of core: $reason", ({ option, ulp }) => {
    let greatest = 0;
    for (let seed = 0; seed < 8; seed++) greatest = Math.max(greatest, clippedDistance(option, seed));
    console.log(`tfjs-${backend}, ${option}: at most ${greatest} ulp`);
    expect(greatest).toBeLessThanOrEqual(ulp);
  });
});

/** Runs the same random configurations with core and with tensors. */
function expectParity(count: number, clipOf: (draw: Draw) => core.RMSpropOptions, gradient: GradientOf): void {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const mismatches = [];
  for (let seed = 0; seed < count; seed++) {
    const draw = new Draw(seed);
    const options = { ...draw.options(), ...clipOf(draw) };
    const difference = differenceOf(draw, options, gradient);
    if (difference !== null) mismatches.push(`seed ${seed}, ${difference}: ${JSON.stringify(options)}`);
  }
  vi.restoreAllMocks();
  expect(mismatches).toEqual([]);
}

/** Where the two differ, or null. */
function differenceOf(draw: Draw, options: core.RMSpropOptions, gradient: GradientOf): string | null {
  const { seed } = draw;
  const shapes = Array.from({ length: draw.whole(1, 4) }, () => draw.pick(SHAPES));
  const values = shapes.map((shape, i) => fill(sizeOf(shape), "float32", "normal", streamOf(seed, 0, i)));
  const ours = values.map((value, i) => new core.Variable(value, { shape: shapes[i] ?? [], name: `v${i}` }));
  const theirs = values.map((value, i) => variableOf(value, shapes[i] ?? [], `v${i}`));
  const optimizer = new RMSprop(options);
  const reference = new core.RMSprop(options);
  let difference: string | null = null;
  for (let call = 0; call < 5 && difference === null; call++) {
    const used = call === 0 ? shapes.map((_, i) => i) : draw.order(shapes.length);
    const gradients = used.map((i) =>
      call > 0 && draw.chance(0.2) ? null : gradient(draw, sizeOf(shapes[i] ?? []), call, i),
    );
    if (gradients.every((values) => values === null)) continue;
    reference.apply(
      gradients,
      used.map((i) => ours[i] ?? new core.Variable(0)),
    );
    tf.tidy(() => {
      const tensors = gradients.map((values, i) => values && tf.tensor(values, [...(shapes[used[i] ?? 0] ?? [])]));
      optimizer.apply(
        tensors,
        used.flatMap((i) => theirs[i] ?? []),
      );
    });
    const own = ours.map(({ name, value }) => `${name} ${bits(value)}`);
    const state = reference.variables.map(({ path, value }) => `${path} ${bits(value)}`);
    const found = theirs.map((variable) => `${variable.name} ${bitsOf(variable)}`);
    const foundState = optimizer.variables.map(({ path, value }) => `${path} ${bits(value)}`);
    const at = [...own, ...state].findIndex((text, i) => text !== [...found, ...foundState][i]);
    if (at >= 0) difference = `call ${call}, ${[...own, ...state][at]?.split(" ")[0]}`;
  }
  for (const made of [optimizer, reference, ...ours, ...theirs]) made.dispose();
  return difference;
}

/** The distance of a clipped gradient, which without memory is the average of the gradients. */
function clippedDistance(option: "clipnorm" | "globalClipnorm", seed: number): number {
  const shapes = [[7], [129], [33, 31], [5000]];
  const gradients = shapes.map((shape, i) => fill(sizeOf(shape), "float32", "normal", streamOf(seed, 1, i)));
  const options = { rho: 0, centered: true, [option]: 0.37 };
  const reference = new core.RMSprop(options);
  const optimizer = new RMSprop(options);
  reference.apply(
    gradients,
    gradients.map((values) => new Float32Array(values.length)),
  );
  const variables = gradients.map((values, i) => variableOf(new Float32Array(values.length), shapes[i] ?? [], `v${i}`));
  tf.tidy(() =>
    optimizer.apply(
      gradients.map((values, i) => tf.tensor(values as Float32Array, shapes[i])),
      variables,
    ),
  );
  const [expected, received] = [reference, optimizer].map(({ variables }) =>
    variables.filter(({ name }) => name.endsWith("average_gradient")).flatMap(({ value }) => [...value]),
  );
  for (const made of [optimizer, reference, ...variables]) made.dispose();
  return Math.max(...(expected ?? []).map((value, i) => ulpDistance(value, received?.[i] ?? Number.NaN, "float32")));
}

type GradientOf = (draw: Draw, size: number, call: number, index: number) => Float32Array;

const gradientOf: GradientOf = (draw, size, call, index) =>
  fill(
    size,
    "float32",
    draw.chance(0.7) ? "normal" : draw.pick(REGIMES),
    streamOf(draw.seed, call + 1, index),
  ) as Float32Array;

const wholeGradientOf: GradientOf = (draw, size) => Float32Array.from({ length: size }, () => draw.whole(-8, 8));

function variableOf(values: ArrayLike<number>, shape: readonly number[], name: string): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(Float32Array.from(values), [...shape]), true, name));
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** Random choices that depend on nothing but the seed. */
class Draw {
  readonly seed: number;
  #count = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  whole(least: number, most: number): number {
    return least + (streamOf(this.seed, this.#count++, 4095) % (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.whole(0, 999) < 1000 * probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)] as T; // no list here is empty
  }

  /** Some of the first numbers, in any order. */
  order(count: number): number[] {
    const keyed = Array.from({ length: count }, (_, i) => ({ i, key: this.whole(0, 2 ** 20) }));
    return keyed
      .sort((a, b) => a.key - b.key)
      .map(({ i }) => i)
      .slice(0, this.whole(1, count));
  }

  /** Everything but clips. */
  options(): core.RMSpropOptions {
    const some = <T extends object>(probability: number, options: T) => (this.chance(probability) ? options : {});
    return {
      ...{
        learningRate: this.#learningRate(),
        epsilon: this.pick([1e-7, 1e-3, 0, 0.1]),
        rho: this.pick([0.9, 0, 0.5, 1]),
      },
      ...some(0.5, { momentum: this.pick([0.9, 0.5, 1]) }),
      ...some(0.4, { centered: true }),
      ...some(0.4, { weightDecay: this.pick([0.004, 0.1, 0]) }),
      ...some(0.3, { gradientAccumulationSteps: this.pick([2, 4]) }),
      ...some(0.3, { lossScaleFactor: this.pick([1024, 0.5, 4]) }),
      ...some(0.5, {
        useEma: true,
        ...{ emaMomentum: this.pick([0.99, 0.5, 0, 1]), emaOverwriteFrequency: this.pick([null, 1, 2, 3]) },
      }),
    };
  }

  get clip(): core.RMSpropOptions {
    return this.pick([{}, {}, { clipvalue: 0.5 }, { clipvalue: 1e-3 }, { clipnorm: 0 }, { globalClipnorm: -1 }]);
  }

  get norm(): core.RMSpropOptions {
    return this.pick([{ clipnorm: 1.5 }, { clipnorm: 100 }, { globalClipnorm: 0.37 }, { globalClipnorm: 1000 }]);
  }

  #learningRate(): core.LearningRateLike {
    const number = this.pick([0.001, 0.01, 0.3, 1]);
    const schedule = new core.schedules.ExponentialDecay({
      initialLearningRate: number,
      decaySteps: 3,
      decayRate: 0.7,
    });
    return this.pick<core.LearningRateLike>([number, number, schedule, () => number / 3]);
  }
}
