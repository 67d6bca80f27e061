// The optimizers of Keras over numbers in memory: one class for each entry of the list.
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import type { Optimizer } from "./optimizer.js";
import { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";

/**
 * The RMSprop of Keras 3, equal to it in every bit.
 *
 * It keeps a moving average of the square of each gradient, and divides the gradient by its root. Plain momentum, not
 * Nesterov's. One difference to Keras: centered, where rounding leaves a variance of zero or below, the denominator is
 * epsilon, and not NaN.
 *
 * Source: `keras.optimizers.RMSprop`; Hinton, 2012.
 *
 * @class
 * @example
 * const v = new Variable(10);
 * new RMSprop({ learningRate: 0.1 }).minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
 * `${v}`; // 9.683772
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ defineOptimizer(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;
