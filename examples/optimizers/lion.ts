// Keras' Lion (keras/src/optimizers/lion.py), equal to it in every bit: a rule, its slot, its scalars.
import { defineOptimizer, defineRule, sign } from "rmsprop";

const f = Math.fround; // so Keras casts the betas, for float64 variables too
export const Lion = defineOptimizer({
  className: "Lion",
  options: { beta1: { default: 0.9 }, beta2: { default: 0.99 } },
  constants: ({ beta1: a, beta2: b }) => ({ beta1: f(a), beta2: f(b), rest1: 1 - f(a), rest2: 1 - f(b) }),
  rule: defineRule({
    slots: ["momentum"],
    scalars: ["beta1", "beta2", "rest1", "rest2"],
    update(op, x, k) {
      const direction = op.add(op.mul(x.momentum, k.beta1), op.mul(x.gradient, k.rest1));
      const momentum = op.add(op.mul(x.momentum, k.beta2), op.mul(x.gradient, k.rest2));
      return { variable: op.sub(x.variable, op.mul(k.learningRate, sign(op, direction))), momentum };
    },
  }),
});
