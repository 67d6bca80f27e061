// Yogi, which Keras does not have (Zaheer et al., 2018, "Adaptive Methods for Nonconvex Optimization"): Adam whose average of
// squares moves by the square itself, so that it never moves fast. With a first value other than 0, and bias corrections.
import { defineRule, type OptimizerDefinition, type OptionsOf, sign } from "rmsprop";

/** Yogi's own options. */
export interface YogiOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

export const YOGI: OptimizerDefinition<OptionsOf<YogiOptions>> = {
  className: "Yogi",
  options: {
    beta1: { default: 0.9, min: 0, max: 1 },
    beta2: { default: 0.999, min: 0, max: 1 },
    epsilon: { default: 1e-3, min: 0 },
  },
  base: { learningRate: 0.01 },
  initial: () => ({ velocity: 1e-6 }),
  constants: ({ beta1, beta2, epsilon }) => ({ rate1: 1 - beta1, rate2: 1 - beta2, epsilon }),
  perStep(op, { beta1, beta2 }, { update }) {
    const correction = (beta: number) => op.sub(op.constant(1), op.power(op.constant(beta), update));
    return { scalars: { correction1: correction(beta1), correction2: correction(beta2) } };
  },
  rule: defineRule({
    slots: ["momentum", "velocity"],
    scalars: ["rate1", "rate2", "epsilon", "correction1", "correction2"],
    update(op, x, k) {
      const square = op.mul(x.gradient, x.gradient);
      const momentum = op.add(x.momentum, op.mul(op.sub(x.gradient, x.momentum), k.rate1));
      const change = op.mul(op.mul(k.rate2, sign(op, op.sub(x.velocity, square))), square);
      const velocity = op.sub(x.velocity, change);
      const root = op.add(op.sqrt(op.div(velocity, k.correction2)), k.epsilon);
      const step = op.div(op.div(momentum, k.correction1), root);
      return { variable: op.sub(x.variable, op.mul(k.learningRate, step)), momentum, velocity };
    },
  }),
};
