// flush(): the update of an accumulation that is not full.
import {
  Adam,
  AdamW,
  constraints,
  Ftrl,
  Lion,
  LossScaleOptimizer,
  Nadam,
  type Optimizer,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
  StateError,
  schedules,
  Variable,
} from "rmsprop";
import { describe, expect, test } from "vitest";
import { bitsOf, elementsOf, errorOf, hostOf, hostsOf, onEveryEngine, readState, settled } from "./support.js";

type Make = (gradientAccumulationSteps: number | null) => Optimizer;

const OPTIMIZERS: Readonly<Record<string, Make>> = {
  "plain RMSprop": (steps) => new RMSprop({ gradientAccumulationSteps: steps }),
  "RMSprop, centered, with momentum, decay and clipnorm": (steps) =>
    new RMSprop({ gradientAccumulationSteps: steps, centered: true, momentum: 0.9, weightDecay: 0.1, clipnorm: 0.5 }),
  "SGD and globalClipnorm": (steps) =>
    new SGD({ gradientAccumulationSteps: steps, globalClipnorm: 0.7, momentum: 0.9 }),
  "SGD and clipvalue": (steps) => new SGD({ gradientAccumulationSteps: steps, clipvalue: 0.3 }),
  "a fixed loss scale": (steps) => new SGD({ gradientAccumulationSteps: steps, lossScaleFactor: 3 }),
  Adam: (steps) => new Adam({ gradientAccumulationSteps: steps, amsgrad: true }),
  AdamW: (steps) => new AdamW({ gradientAccumulationSteps: steps, trackNorm: true }),
  Lion: (steps) => new Lion({ gradientAccumulationSteps: steps }),
  Nadam: (steps) => new Nadam({ gradientAccumulationSteps: steps }),
  Ftrl: (steps) => new Ftrl({ gradientAccumulationSteps: steps }),
  ScheduleFreeAdamW: (steps) => new ScheduleFreeAdamW({ gradientAccumulationSteps: steps }),
};

const SIZE = 150;

const variables = (): Variable[] => [
  new Variable(
    Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i)),
    { name: "a" },
  ),
  new Variable([1, -1], { name: "b" }),
];

const gradientsAt = (call: number): Float32Array[] => [
  Float32Array.from({ length: SIZE }, (_, i) => Math.cos(3 * i + call)),
  Float32Array.of(0.1 * call - 0.3, 0.7),
];

/** The variables, and the slots but accumulators, as bits. */
async function stateOf(optimizer: Optimizer, given: readonly Variable[]): Promise<string[]> {
  const own = optimizer.variables.filter(({ slot }) => slot !== null && slot !== "gradient_accumulator");
  const slots = (await hostsOf(own)).map(({ name, value }) => `${name} ${bitsOf(value)}`);
  return [...(await hostsOf(given)).map(({ value }) => bitsOf(value)), ...slots];
}

onEveryEngine(() => {
  describe.each(Object.entries(OPTIMIZERS))("%s", (_, make) => {
    test.each([1, 2, 3])("with %i of 4 gathered, moves as an optimizer that takes so many", async (gathered) => {
      const [optimizer, expected] = [make(4), make(gathered === 1 ? null : gathered)];
      const [given, others] = [variables(), variables()];
      // Later updates, too, whose bias corrections are others.
      for (let update = 0; update < 2; update++) {
        for (let call = 0; call < gathered; call++) {
          optimizer.apply(gradientsAt(4 * update + call), given);
          expected.apply(gradientsAt(4 * update + call), others);
        }
        expect(optimizer.flush()).toBe(true);
        expect(await stateOf(optimizer, given)).toEqual(await stateOf(expected, others));
        expect(await optimizer.gradientNorm).toBe(await expected.gradientNorm);
        expect(optimizer.iterations).toBe(expected.iterations);
        const [iteration] = await hostsOf(optimizer.variables.slice(0, 1));
        expect([...(iteration?.value ?? [])]).toEqual([4 * (update + 1)]);
        const sums = optimizer.variables.filter(({ slot }) => slot === "gradient_accumulator");
        expect((await elementsOf(sums)).every((sum) => sum === 0)).toBe(true);
      }
    });
  });

  test("afterwards an update takes all of its calls again, and divides by them", async () => {
    const v = new Variable([0]);
    const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 3 });
    const seen: number[] = [];
    const step = async (gradient: number): Promise<void> => {
      optimizer.apply([[gradient]], [v]);
      seen.push((await hostOf(v)).item());
    };
    await step(5);
    optimizer.flush();
    for (const gradient of [3, 3, 3]) await step(gradient);
    expect(seen).toEqual([0, -5, -5, -8]);
  });

  test("with nothing gathered nothing changes, and the result is false", async () => {
    const v = new Variable([1]);
    const never = new SGD();
    const optimizer = new SGD({ gradientAccumulationSteps: 2, useEma: true });
    expect([never.flush(), optimizer.flush()]).toEqual([false, false]);
    never.apply([[1]], [v]);
    for (let call = 0; call < 2; call++) optimizer.apply([[1]], [v]);
    const before = await readState(optimizer, [v]);
    expect([never.flush(), optimizer.flush(), never.iterations]).toEqual([false, false, 1]);
    expect(await readState(optimizer, [v])).toEqual(before);
  });

  test("a variable without a gradient since the last update stays, and its average moves", async () => {
    const [a, b] = [new Variable([1]), new Variable([1])];
    const options = { learningRate: 0.5, weightDecay: 0.5, gradientAccumulationSteps: 3, useEma: true };
    const optimizer = new SGD(options);
    for (let call = 0; call < 3; call++) optimizer.apply([[0], [0]], [a, b]);
    optimizer.apply([[1]], [a]);
    optimizer.apply([[1], null], [a, b]);
    optimizer.flush();
    expect(await elementsOf([a, b])).toEqual([0.75 * 0.75 - 0.5, 0.75]);
    optimizer.apply([[1]], [b]);
    optimizer.flush();
    expect(await elementsOf([a, b])).toEqual([0.75 * 0.75 - 0.5, 0.75 * 0.75 - 0.5]);
  });

  test("a variable that takes its gradient as the new value takes the largest", async () => {
    const [a, b] = [new Variable([1]), new Variable([1], { overwriteWithGradient: true })];
    const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 3 });
    optimizer.apply([[1], [7]], [a, b]);
    optimizer.apply([[3], [5]], [a, b]);
    optimizer.flush();
    expect(await elementsOf([a, b])).toEqual([-1, 7]);
  });

  test("the rate is the one that the optimizer shows before", async () => {
    const boundaries = { boundaries: [1], values: [1, 0.5] };
    const learningRate = new schedules.PiecewiseConstantDecay(boundaries);
    const v = new Variable([0]);
    const optimizer = new SGD({ learningRate, gradientAccumulationSteps: 4 });
    optimizer.apply([[1]], [v]);
    optimizer.apply([[1]], [v]);
    expect(optimizer.learningRate).toBe(0.5);
    optimizer.flush();
    expect((await hostOf(v)).item()).toBe(-0.5);
  });

  test("constraints follow, and averages see one more call", async () => {
    const v = new Variable([1], { constraint: new constraints.NonNeg() });
    const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 2, useEma: true, emaMomentum: 0.5 });
    optimizer.apply([[5]], [v]);
    optimizer.flush();
    expect((await hostOf(v)).item()).toBe(0);
    const [average] = await hostsOf(optimizer.variables.filter(({ slot }) => slot === "average"));
    expect([...(average?.value ?? [])]).toEqual([-4]); // as in Keras, the average comes before the constraint
  });

  test("a LossScaleOptimizer has its inner optimizer do it, and keeps its scale", async () => {
    const v = new Variable([0]);
    const inner = new SGD({ learningRate: 1, gradientAccumulationSteps: 4 });
    const optimizer = new LossScaleOptimizer(inner, { initialScale: 8 });
    for (const gradient of [8, 24, Number.NaN]) {
      optimizer.apply([[gradient]], [v]);
      await settled(optimizer);
    }
    const { dynamicScale, stepCounter } = optimizer;
    expect(optimizer.flush()).toBe(true);
    expect((await hostOf(v)).item()).toBe(-2);
    expect([optimizer.iterations, optimizer.dynamicScale, optimizer.stepCounter]).toEqual([
      1,
      dynamicScale,
      stepCounter,
    ]);
  });

  test("it goes on in the middle of an accumulation that was restored", async () => {
    const make = () => new RMSprop({ gradientAccumulationSteps: 4, clipnorm: 1 });
    const [optimizer, again] = [make(), make()];
    const [given, others] = [variables(), variables()];
    for (let call = 0; call < 2; call++) optimizer.apply(gradientsAt(call), given);
    again.build(others);
    const store = {};
    await optimizer.saveOwnVariables(store);
    again.loadOwnVariables(store);
    for (const each of [optimizer, again]) expect(each.flush()).toBe(true);
    expect(await stateOf(again, others)).toEqual(await stateOf(optimizer, given));
  });

  test("calls that were restored without variables are an error that says what to do", async () => {
    const optimizer = new SGD({ gradientAccumulationSteps: 4 });
    optimizer.loadOwnVariables({ 0: { dtype: "int32", shape: [], value: Int32Array.of(2) }, 1: 0.1 } as never);
    const error = errorOf(() => optimizer.flush());
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toContain("flush() needs to know the variables");
  });
});
