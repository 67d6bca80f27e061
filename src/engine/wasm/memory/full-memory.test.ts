// Memory that is full: whichever allocation of a step fails, the step has changed nothing and can be called again.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  defineOptimizer,
  defineRule,
  LossScaleOptimizer,
  setEngine,
  setThreads,
  Variable,
} from "../../../plain/index.js";
import { Arena, MemoryError } from "./arena.js";

beforeEach(() => {
  setEngine("wasm");
});

afterEach(async () => {
  vi.restoreAllMocks();
  await setThreads(1);
});

/** Kernels are kept by rule. */
const withNewRule = () =>
  defineOptimizer({
    className: "Heavy",
    options: {},
    rule: defineRule({
      slots: ["velocity"],
      scalars: [],
      update: (op, x, k) => {
        const velocity = op.sub(x.velocity, op.mul(x.gradient, k.learningRate));
        return { velocity, variable: op.add(x.variable, velocity) };
      },
    }),
  });

const numbers = (length: number, seed: number) => new Float32Array(length).map((_, i) => Math.sin(i * 0.7 + seed));

/** Variables of both types, large enough for threads, and an optimizer that needs every kind of kernel, all of them new. */
class Run {
  readonly variables = [new Variable(numbers(70_001, 1)), new Variable(Float64Array.from(numbers(66_003, 2)))];
  readonly gradients = [new Variable(numbers(70_001, 3)), new Variable(Float64Array.from(numbers(66_003, 4)))];
  readonly optimizer = new LossScaleOptimizer(new (withNewRule())({ clipnorm: 0.5 }));

  readonly step = (): void => this.optimizer.apply(this.gradients, this.variables);

  get bits(): Buffer {
    return Buffer.concat(this.variables.map(({ value }) => new Uint8Array(value.slice().buffer)));
  }

  dispose(): void {
    for (const made of [this.optimizer.innerOptimizer, ...this.variables, ...this.gradients]) made.dispose();
  }
}

/** Makes the allocation after the next \`count\` fail; returns how many there were. */
function failAfter(count: number): () => number {
  const { allocate } = Arena.prototype;
  let done = 0;
  const spy = vi.spyOn(Arena.prototype, "allocate").mockImplementation(function (this: Arena, byteLength) {
    if (done === count) throw new MemoryError(byteLength, this.buffer.byteLength);
    done++;
    return allocate.call(this, byteLength);
  });
  return () => {
    spy.mockRestore();
    return done;
  };
}

test.each([1, 2])(
  "on %i threads a step that runs out of memory, wherever it does, changes nothing",
  async (threads) => {
    const reference = new Run();
    const before = reference.bits;
    reference.step();
    const after = reference.bits;
    expect(await setThreads(threads)).toBe(threads);
    let [failures, isDone] = [0, false];
    while (!isDone) {
      const run = new Run();
      const restore = failAfter(failures);
      try {
        run.step();
        isDone = true;
      } catch (error) {
        expect(error).toBeInstanceOf(MemoryError);
        expect([run.optimizer.innerOptimizer.iterations, run.bits.equals(before)]).toEqual([0, true]);
        failures++;
      }
      restore();
      if (!isDone) run.step();
      expect([run.optimizer.innerOptimizer.iterations, run.bits.equals(after)]).toEqual([1, true]);
      run.dispose();
    }
    expect(failures).toBeGreaterThan(5);
    reference.dispose();
  },
);
