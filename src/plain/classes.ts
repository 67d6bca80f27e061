// The optimizers of Keras over numbers in memory: one class for each entry of the list.
import { ADAM, type AdamHyper, type AdamOptions } from "../optimizers/adam.js";
import { ADAMW, type AdamWOptions } from "../optimizers/adamw.js";
import { LION, type LionHyper, type LionOptions } from "../optimizers/lion.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import { SGD_DEFINITION, type SGDHyper, type SGDOptions } from "../optimizers/sgd.js";
import { hostClassOf, type Optimizer, type OptimizerClass } from "./optimizer-class.js";

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
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ hostClassOf(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

/**
 * The SGD of Keras 3, equal to it in every bit: `variable - learningRate * gradient`, with momentum, also Nesterov's, if asked
 * for. The learning rate is 0.01 by default.
 *
 * Source: `keras.optimizers.SGD`.
 *
 * @class
 */
export const SGD: OptimizerClass<SGDHyper, SGDOptions> = /* @__PURE__ */ hostClassOf(SGD_DEFINITION);
export type SGD = Optimizer<SGDHyper> & SGDHyper;

/**
 * The Adam of Keras 3, equal to it in every bit. It steps by a moving average of the gradients, divided by the root of one of
 * their squares; both are corrected for the zeros that they begin at.
 *
 * Source: `keras.optimizers.Adam`; Kingma and Ba, 2014.
 *
 * @class
 */
export const Adam: OptimizerClass<AdamHyper, AdamOptions> = /* @__PURE__ */ hostClassOf(ADAM);
export type Adam = Optimizer<AdamHyper> & AdamHyper;

/**
 * The AdamW of Keras 3: Adam whose variables decay, by 0.004 unless told otherwise.
 *
 * Source: `keras.optimizers.AdamW`; Loshchilov and Hutter, 2019.
 *
 * @class
 */
export const AdamW: OptimizerClass<AdamHyper, AdamWOptions> = /* @__PURE__ */ hostClassOf(ADAMW);
export type AdamW = Optimizer<AdamHyper> & AdamHyper;

/**
 * The Lion of Keras 3, equal to it in every bit. Each element steps by the learning rate, in the direction of a moving average of
 * its gradients.
 *
 * Source: `keras.optimizers.Lion`; Chen et al., 2023.
 *
 * @class
 */
export const Lion: OptimizerClass<LionHyper, LionOptions> = /* @__PURE__ */ hostClassOf(LION);
export type Lion = Optimizer<LionHyper> & LionHyper;
