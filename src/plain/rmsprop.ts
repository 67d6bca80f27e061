// class RMSprop over numbers in memory. Its arguments and its formula are in optimizers/rmsprop.ts.
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import { Optimizer } from "./optimizer.js";

/**
 * The RMSprop of Keras 3, equal to it in every bit.
 *
 * It keeps a moving average of the square of each gradient, and divides the gradient by its root. Plain momentum, not
 * Nesterov's. One difference to Keras: centered, where rounding leaves a variance of zero or below, the denominator is
 * epsilon, and not NaN.
 *
 * Source: `keras.optimizers.RMSprop`; Hinton, 2012.
 *
 * @example
 * const v = new Variable(10);
 * new RMSprop({ learningRate: 0.1 }).minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
 * `${v}`; // 9.683772
 */
export class RMSprop extends Optimizer<RMSpropHyper> {
  constructor(options: RMSpropOptions = {}) {
    super(RMSPROP, options);
  }
}
