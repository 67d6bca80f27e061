// Keras' plain SGD as an optimizer of one's own: its steps can be checked by hand.
import { defineOptimizer, defineRule } from "rmsprop";

export const SGD = defineOptimizer({
  className: "SGD",
  options: {},
  base: { learningRate: 0.01 },
  rule: defineRule({
    slots: [],
    scalars: [],
    update: (op, x, k) => ({ variable: op.sub(x.variable, op.mul(x.gradient, k.learningRate)) }),
  }),
});
