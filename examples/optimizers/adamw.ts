// Keras' AdamW (keras/src/optimizers/adam.py): the decay is every optimizer's own, the bias correction changes each step.
import { defineOptimizer, defineRule } from "rmsprop";

export const AdamW = defineOptimizer({
  className: "AdamW",
  options: { beta1: { default: 0.9 }, beta2: { default: 0.999 }, epsilon: { default: 1e-7 } },
  base: { weightDecay: 0.004 },
  constants: ({ beta1, beta2, epsilon }) => ({ rate1: 1 - beta1, rate2: 1 - beta2, epsilon }),
  perStep(op, { beta1, beta2 }, { learningRate, update }) {
    // Keras casts the bases by way of float32, for float64 variables too.
    const power = (beta: number) => op.power(op.constant(Math.fround(beta)), update);
    const correction = (beta: number) => op.sub(op.constant(1), power(beta));
    return { scalars: { alpha: op.div(op.mul(learningRate, op.sqrt(correction(beta2))), correction(beta1)) } };
  },
  rule: defineRule({
    slots: ["momentum", "velocity"],
    scalars: ["rate1", "rate2", "epsilon", "alpha"],
    update(op, x, k) {
      const momentum = op.add(x.momentum, op.mul(op.sub(x.gradient, x.momentum), k.rate1));
      const velocity = op.add(x.velocity, op.mul(op.sub(op.mul(x.gradient, x.gradient), x.velocity), k.rate2));
      const step = op.div(op.mul(momentum, k.alpha), op.add(op.sqrt(velocity), k.epsilon));
      return { variable: op.sub(x.variable, step), momentum, velocity };
    },
  }),
});
