// What a step of MultiOptimizer leaves out, flushes and has seen: norms, over all parts and of each.
import { loadCheckpoint, MultiOptimizer, OptimizerMap, RMSprop, SGD, saveCheckpoint, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { errorOf, onEveryEngine } from "./support.js";

const SIZES = [3, 130, 1, 2000];

function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233) * 3);
}

/** Variables of two parts, which take turns. */
const variablesOf = (): Variable[] =>
  SIZES.map((size, i) => new Variable(numbers(size, i), { name: `${"ab"[i % 2]}_${i}` }));
const gradientsOf = (step: number): Float32Array[] => SIZES.map((size, i) => numbers(size, 50 + 10 * step + i));
const valuesOf = (variables: readonly Variable[]): number[][] => variables.map(({ value }) => [...value]);
const mapOf = (a: SGD | RMSprop, b: SGD | RMSprop): OptimizerMap => new OptimizerMap(b, { "a_.*": a });

onEveryEngine(() => {
  test.each([
    ["a clip of all", { globalClipnorm: 0.5 }],
    ["trackNorm", { trackNorm: true }],
  ])("with %s it knows the norms that one optimizer knows", (_, options) => {
    const [variables, alone] = [variablesOf(), variablesOf()];
    const several = new MultiOptimizer(mapOf(new SGD(), new SGD()), options);
    const one = new SGD(options);
    expect(several.gradientNorm).toBeNull();
    for (const step of [0, 1]) {
      several.apply(gradientsOf(step), variables);
      one.apply(gradientsOf(step), alone);
      expect(several.gradientNorm).toBe(one.gradientNorm);
      expect(variables.map((each) => several.gradientNormOf(each))).toEqual(
        alone.map((each) => one.gradientNormOf(each)),
      );
    }
    // Of the variables of a part, in another order than the optimizer's.
    const [first, , third] = variables;
    several.apply([numbers(1, 7), numbers(3, 8)], [third, first] as Variable[]);
    one.apply([numbers(1, 7), numbers(3, 8)], [alone[2], alone[0]] as Variable[]);
    expect(several.gradientNorm).toBe(one.gradientNorm);
    expect(valuesOf(variables)).toEqual(valuesOf(alone));
  });

  test("a part that clips by itself knows its norms, and they are asked of the whole by variable", () => {
    const variables = variablesOf();
    const [a, b] = [new SGD({ globalClipnorm: 0.5 }), new RMSprop({ clipnorm: 2 })];
    const several = new MultiOptimizer(mapOf(a, b));
    several.apply(gradientsOf(0), variables);
    const alone = variablesOf();
    const parts = [
      [new SGD({ globalClipnorm: 0.5 }), 0],
      [new RMSprop({ clipnorm: 2 }), 1],
    ] as const;
    for (const [optimizer, odd] of parts) {
      const own = alone.filter((_, i) => i % 2 === odd);
      optimizer.apply(
        gradientsOf(0).filter((_, i) => i % 2 === odd),
        own,
      );
      expect((odd === 0 ? a : b).gradientNorm).toBe(optimizer.gradientNorm);
      for (const [i, variable] of own.entries()) {
        const same = variables[2 * i + odd] as Variable;
        expect(several.gradientNormOf(same)).toBe(optimizer.gradientNormOf(variable));
      }
    }
    expect(several.gradientNorm).toBeNull();
    expect(valuesOf(variables)).toEqual(valuesOf(alone));
  });

  test("flush() makes the updates of all parts that have gathered something, as each of them would alone", () => {
    const make = (): [SGD, RMSprop] => [
      new SGD({ gradientAccumulationSteps: 4, momentum: 0.9 }),
      new RMSprop({ gradientAccumulationSteps: 3, clipnorm: 0.5 }),
    ];
    const [variables, alone] = [variablesOf(), variablesOf()];
    const several = new MultiOptimizer(mapOf(...make()));
    const parts = make();
    expect(several.flush()).toBe(false);
    for (let step = 0; step < 5; step++) {
      several.apply(gradientsOf(step), variables);
      for (const [odd, optimizer] of parts.entries()) {
        const isOf = (_: unknown, i: number): boolean => i % 2 === odd;
        optimizer.apply(gradientsOf(step).filter(isOf), alone.filter(isOf));
      }
      if (step !== 1 && step !== 4) continue;
      expect(several.flush()).toBe(true);
      for (const optimizer of parts) optimizer.flush();
      expect(several.flush()).toBe(false);
      expect(several.optimizers.map(({ iterations }) => iterations)).toEqual(parts.map(({ iterations }) => iterations));
      expect(valuesOf(variables)).toEqual(valuesOf(alone));
    }
  });

  test("flush() clips the gathered gradients of all parts in one norm", () => {
    const [variables, alone] = [variablesOf(), variablesOf()];
    const make = (): SGD => new SGD({ gradientAccumulationSteps: 4 });
    const several = new MultiOptimizer(mapOf(make(), make()), { globalClipnorm: 0.5 });
    const one = new SGD({ gradientAccumulationSteps: 4, globalClipnorm: 0.5 });
    for (const step of [0, 1]) {
      several.apply(gradientsOf(step), variables);
      one.apply(gradientsOf(step), alone);
    }
    several.flush();
    one.flush();
    expect(valuesOf(variables)).toEqual(valuesOf(alone));
    expect(several.gradientNorm).toBe(one.gradientNorm);
  });

  test("skipNonFinite leaves out the step of all parts, and counts it", () => {
    const variables = variablesOf();
    const several = new MultiOptimizer(mapOf(new SGD(), new RMSprop()), { skipNonFinite: true });
    several.apply(gradientsOf(0), variables);
    const before = [valuesOf(variables), several.variables.map(({ value }) => [...value])];
    const gradients = gradientsOf(1);
    gradients[3]?.fill(Number.NaN, 5, 6);
    several.apply(gradients, variables);
    expect([valuesOf(variables), several.variables.map(({ value }) => [...value])]).toEqual(before);
    expect([several.skipped, several.iterations]).toEqual([1, 1]);
    several.apply(gradientsOf(1), variables);
    expect([several.skipped, several.iterations]).toEqual([1, 2]);
  });
});

test.each(["skipNonFinite", "trackNorm"])("%s of a part is refused: parts make one step", (option) => {
  const map = mapOf(new SGD({ [option]: true }), new SGD());
  expect(errorOf(() => new MultiOptimizer(map)).message).toBe(
    `MultiOptimizer: optimizers must leave ${option} to the MultiOptimizer; received optimizers=SGD with ${option}: true. ` +
      `Pass { ${option}: true } to the MultiOptimizer: its parts make one step.`,
  );
});

test("a checkpoint keeps skipNonFinite and trackNorm", () => {
  const variables = variablesOf();
  const several = new MultiOptimizer(mapOf(new SGD(), new RMSprop()), { skipNonFinite: true, trackNorm: true });
  several.apply(gradientsOf(0), variables);
  const { optimizer, variables: loaded } = loadCheckpoint(saveCheckpoint(several, variables));
  const some = [loaded[2], loaded[1]] as Variable[];
  optimizer.apply([[Number.NaN], new Float32Array(130)], some);
  expect(optimizer.skipped).toBe(1);
  optimizer.apply([[3], new Float32Array(130)], some);
  expect(optimizer.gradientNorm).toBe(3);
});
