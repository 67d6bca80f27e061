// Keras' Lion (keras/src/optimizers/lion.py), equal to it in every bit: a rule, its slot, its scalars.
import { defineOptimizer, defineRule, sign } from "rmsprop";

export const Lion = defineOptimizer({
  className: "Lion",
  defaults: { beta1: 0.9, beta2: 0.99 },
  constants: ({ beta1, beta2 }, f) => ({ beta1, beta2, oneMinusBeta1: 1 - f(beta1), oneMinusBeta2: 1 - f(beta2) }),
  rule: defineRule({
    slots: ["momentum"],
    scalars: ["beta1", "beta2", "oneMinusBeta1", "oneMinusBeta2"],
    update(op, x, k) {
      const direction = op.add(op.mul(x.momentum, k.beta1), op.mul(x.gradient, k.oneMinusBeta1));
      const momentum = op.add(op.mul(x.momentum, k.beta2), op.mul(x.gradient, k.oneMinusBeta2));
      return { variable: op.sub(x.variable, op.mul(k.learningRate, sign(op, direction))), momentum };
    },
  }),
});
