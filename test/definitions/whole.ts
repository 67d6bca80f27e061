// A definition with everything that one may have, and runs of it over plain numbers, by which the other faces are judged.
import { defineOptimizer, defineRule, type OptimizerDefinition, type OptimizerOptions, Variable } from "rmsprop";

const OPTIONS = {
  beta: { default: 0.9, min: 0, max: 1, keras: "beta_1" },
  mode: { default: "sum", oneOf: ["sum", "mean"] },
  signed: { default: false },
  outside: { default: 0.25, above: 0, keras: null },
} as const;

/** Nobody's optimizer: two slots that alternate, one that begins above zero, and a product of the whole optimizer. */
export const WHOLE: OptimizerDefinition<typeof OPTIONS, "signed" | "mean"> = {
  className: "Whole",
  options: OPTIONS,
  base: { learningRate: 0.05 },
  slots: () => [["mean", "square"], ["trace"]],
  initial: () => ({ trace: 0.5 }),
  state: { product: 1 },
  constants: ({ beta, outside }) => ({ beta, rest: 1 - beta, outside }),
  perStep(op, { beta }, { learningRate, update, state: { product = op.constant(1) } }) {
    const next = op.mul(product, op.constant(Math.fround(beta)));
    const seen = op.sub(op.constant(1), op.power(op.constant(Math.fround(beta)), update));
    return {
      scalars: { rate: op.div(op.mul(learningRate, op.sub(op.constant(2), next)), seen) },
      state: { product: next },
    };
  },
  facts: ({ signed, mode }) => ({ signed, mean: mode === "mean" }),
  rule: ({ signed, mean: halves }) =>
    defineRule({
      slots: ["mean", "square", "trace"],
      scalars: ["beta", "rest", "outside", "rate"],
      update(op, x, k) {
        const mean = op.add(op.mul(k.beta, x.mean), op.mul(k.rest, x.gradient));
        const square = op.max(x.square, op.mul(x.gradient, x.gradient));
        const trace = op.add(op.mul(x.trace, k.beta), halves ? op.mul(k.outside, mean) : mean);
        const step = op.div(op.mul(k.rate, signed ? op.add(trace, mean) : trace), op.add(op.sqrt(square), k.outside));
        return { variable: op.sub(x.variable, step), mean, square, trace };
      },
    }),
};

export type WholeOptions = OptimizerOptions<{ beta: number; mode: "sum" | "mean"; signed: boolean; outside: number }>;

export const CASES: readonly WholeOptions[] = [
  {},
  { mode: "mean", signed: true, beta: 0.5 },
  { clipvalue: 0.5, weightDecay: 0.01, useEma: true, gradientAccumulationSteps: 2 },
];

export const STEPS = 7;
export const SHAPES: readonly (readonly number[])[] = [[2, 3], [5]];

export function valuesAt(index: number, step: number): Float32Array {
  const size = (SHAPES[index] ?? []).reduce((product, length) => product * length, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.fround(Math.sin(1 + i + 3 * step + 7 * index)));
}

/** The variables after each step, over plain numbers. */
export function expectedRun(options: WholeOptions): Float32Array[][] {
  const Whole = defineOptimizer(WHOLE);
  const variables = SHAPES.map((shape, i) => new Variable(valuesAt(i, -1), { shape, name: `v${i}` }));
  const optimizer = new Whole(options);
  return Array.from({ length: STEPS }, (_, step) => {
    optimizer.apply(
      SHAPES.map((_, i) => valuesAt(i, step)),
      variables,
    );
    return variables.map(({ value }) => Float32Array.from(value));
  });
}
