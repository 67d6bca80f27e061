// gradientNorm and gradientNormOf(variable): what the last update saw, before it was clipped.
import { LossScaleOptimizer, type Optimizer, RMSprop, SGD, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { bitsOf, complaintOf, errorOf, hostsOf, onEveryEngine, settled } from "./support.js";

const gradient = (size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => (((i * 7919) % 1000) - 500) / 1000);

// NumPy's numbers for float32, of the gradients above:
//   g = lambda n: (((np.arange(n) * 7919) % 1000 - 500) / 1000).astype(np.float32)
//   np.sqrt(np.sum(g(n) * g(n)))  and of all three  np.sqrt(np.sum(np.stack([np.sum(g(n) * g(n)) for n in SIZES])))
const SIZES = [5, 100, 3000];
const NORMS = [0.7980162501335144, 2.919306516647339, 15.81140422821045];
const ALL = 16.098438262939453;

const variables = (): Variable[] => SIZES.map((size) => new Variable(new Float32Array(size)));

const normsOf = async (optimizer: Optimizer, given: readonly Variable[]): Promise<(number | null)[]> =>
  Promise.all([optimizer.gradientNorm, ...given.map((variable) => optimizer.gradientNormOf(variable))]);

onEveryEngine(() => {
  test.each([{ clipnorm: 1 }, { globalClipnorm: 1 }, { trackNorm: true }, { trackNorm: true, clipvalue: 0.1 }])(
    "with %o it is NumPy's, in every bit",
    async (options) => {
      const given = variables();
      const optimizer = new SGD(options);
      expect(await normsOf(optimizer, given)).toEqual([null, null, null, null]);
      optimizer.apply(SIZES.map(gradient), given);
      expect(await normsOf(optimizer, given)).toEqual([ALL, ...NORMS]);
    },
  );

  test.each([{}, { clipvalue: 1 }])("with %o it is not known", async (options) => {
    const given = variables();
    const optimizer = new SGD(options);
    optimizer.apply(SIZES.map(gradient), given);
    expect(await normsOf(optimizer, given)).toEqual([null, null, null, null]);
  });

  test.each([{}, { clipvalue: 0.1 }, { gradientAccumulationSteps: 2 }, { useEma: true, weightDecay: 0.1 }])(
    "with %o, to track it changes no bit of a run",
    async (options) => {
      const runs = [false, true].map((trackNorm) => ({ given: variables(), trackNorm }));
      const states = runs.map(async ({ given, trackNorm }) => {
        const optimizer = new RMSprop({ ...options, trackNorm });
        for (let call = 0; call < 4; call++) optimizer.apply(SIZES.map(gradient), given);
        return (await hostsOf([...given, ...optimizer.variables])).map(({ value }) => bitsOf(value));
      });
      const [without, tracked] = await Promise.all(states);
      expect(tracked).toEqual(without);
    },
  );

  describe("which gradient it is of", () => {
    const step = (optimizer: Optimizer, given: readonly Variable[], factor: number): void =>
      optimizer.apply([[3 * factor, 4 * factor], null], given);

    test("with a fixed loss scale, that of the loss itself", async () => {
      const given = [new Variable([1, 1]), new Variable(1)];
      const optimizer = new SGD({ lossScaleFactor: 16, trackNorm: true });
      step(optimizer, given, 16);
      expect(await normsOf(optimizer, given)).toEqual([5, 5, null]);
    });

    test("under a LossScaleOptimizer too, and a step that is left out keeps the last one", async () => {
      const given = [new Variable([1, 1]), new Variable(1)];
      const inner = new SGD({ clipnorm: 1 });
      const optimizer = new LossScaleOptimizer(inner, { initialScale: 16 });
      for (const factor of [16, Number.NaN]) {
        step(optimizer as unknown as Optimizer, given, factor); // it has the same method
        await settled(optimizer);
        expect(await optimizer.gradientNorm).toBe(5);
      }
      expect(await optimizer.gradientNormOf(given[0] as Variable)).toBe(5);
      expect(await inner.gradientNorm).toBe(5);
    });

    test("under accumulation that of the mean, which calls between two updates keep", async () => {
      const given = [new Variable([1, 1]), new Variable(1)];
      const optimizer = new SGD({ gradientAccumulationSteps: 2, trackNorm: true });
      const seen: (number | null)[] = [];
      for (const factor of [1, 3, 7, 1]) {
        step(optimizer, given, factor);
        seen.push(await optimizer.gradientNorm);
      }
      expect(seen).toEqual([null, 10, 10, 20]);
      step(optimizer, given, 3);
      expect(optimizer.flush()).toBe(true);
      expect(await optimizer.gradientNorm).toBe(15);
    });

    test("a variable that takes its gradient as the new value has none", async () => {
      const given = [new Variable([1, 1]), new Variable(1, { overwriteWithGradient: true })];
      const optimizer = new SGD({ trackNorm: true });
      optimizer.apply([[3, 4], 7], given);
      expect(await normsOf(optimizer, given)).toEqual([5, 5, null]);
    });

    test("what is not finite shows", async () => {
      const given = [new Variable([1, 1])];
      const optimizer = new SGD({ trackNorm: true });
      optimizer.apply([[Number.POSITIVE_INFINITY, 1]], given);
      expect(await optimizer.gradientNorm).toBe(Number.POSITIVE_INFINITY);
    });
  });

  test("only a variable has one", () => {
    const error = errorOf(() => new SGD({ trackNorm: true }).gradientNormOf("kernel" as never));
    expect(complaintOf(error.message)).toMatchObject({ argument: "variable", received: '"kernel"' });
  });
});
