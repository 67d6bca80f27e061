// The optimizers of Keras over numbers in memory: one class for each entry of the list.

import { ADADELTA, type AdadeltaHyper, type AdadeltaOptions } from "../optimizers/adadelta.js";
import { ADAGRAD, type AdagradHyper, type AdagradOptions } from "../optimizers/adagrad.js";
import { ADAM, type AdamHyper, type AdamOptions } from "../optimizers/adam.js";
import { ADAMAX, type AdamaxHyper, type AdamaxOptions } from "../optimizers/adamax.js";
import { ADAMW, type AdamWOptions } from "../optimizers/adamw.js";
import { FTRL, type FtrlHyper, type FtrlOptions } from "../optimizers/ftrl.js";
import { LION, type LionHyper, type LionOptions } from "../optimizers/lion.js";
import { NADAM, type NadamHyper, type NadamOptions } from "../optimizers/nadam.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import {
  SCHEDULE_FREE_ADAMW,
  type ScheduleFreeAdamWHyper,
  type ScheduleFreeAdamWOptions,
} from "../optimizers/schedule-free-adamw.js";
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

/**
 * The Adagrad of Keras 3, equal to it in every bit. It divides each step by the root of the sum of all squared gradients so far, so rates only fall.
 *
 * Source: `keras.optimizers.Adagrad`; Duchi et al., 2011.
 *
 * @class
 */
export const Adagrad: OptimizerClass<AdagradHyper, AdagradOptions> = /* @__PURE__ */ hostClassOf(ADAGRAD);
export type Adagrad = Optimizer<AdagradHyper> & AdagradHyper;

/**
 * The Adadelta of Keras 3, equal to it in every bit. It measures each step by the steps before: a moving average of their squares over one of the gradients'.
 *
 * Source: `keras.optimizers.Adadelta`; Zeiler, 2012.
 *
 * @class
 */
export const Adadelta: OptimizerClass<AdadeltaHyper, AdadeltaOptions> = /* @__PURE__ */ hostClassOf(ADADELTA);
export type Adadelta = Optimizer<AdadeltaHyper> & AdadeltaHyper;

/**
 * The Adamax of Keras 3, equal to it in every bit. It is Adam with the greatest gradient so far, which fades, in place of a root mean square.
 *
 * Source: `keras.optimizers.Adamax`; Kingma and Ba, 2014.
 *
 * @class
 */
export const Adamax: OptimizerClass<AdamaxHyper, AdamaxOptions> = /* @__PURE__ */ hostClassOf(ADAMAX);
export type Adamax = Optimizer<AdamaxHyper> & AdamaxHyper;

/**
 * The Nadam of Keras 3, equal to it in every bit. It is Adam with Nesterov's momentum, whose weight grows from step to step.
 *
 * Source: `keras.optimizers.Nadam`; Dozat, 2015.
 *
 * @class
 */
export const Nadam: OptimizerClass<NadamHyper, NadamOptions> = /* @__PURE__ */ hostClassOf(NADAM);
export type Nadam = Optimizer<NadamHyper> & NadamHyper;

/**
 * The Ftrl of Keras 3, equal to it in every bit. It follows the regularized leader: with an L1 strength, weights that do not matter are exactly 0.
 *
 * Source: `keras.optimizers.Ftrl`; McMahan et al., 2013.
 *
 * @class
 */
export const Ftrl: OptimizerClass<FtrlHyper, FtrlOptions> = /* @__PURE__ */ hostClassOf(FTRL);
export type Ftrl = Optimizer<FtrlHyper> & FtrlHyper;

/**
 * The ScheduleFreeAdamW of Keras 3, equal to it in every bit: AdamW that averages where it has been, in place of a schedule. Keras
 * evaluates the variables as they are, between the average and the point that steps. As on NumPy and JAX: on TensorFlow, Keras
 * reads the point after its step where it means the one before.
 *
 * Source: `keras.optimizers.ScheduleFreeAdamW`; Defazio et al., 2024.
 *
 * @class
 */
export const ScheduleFreeAdamW: OptimizerClass<ScheduleFreeAdamWHyper, ScheduleFreeAdamWOptions> =
  /* @__PURE__ */ hostClassOf(SCHEDULE_FREE_ADAMW);
export type ScheduleFreeAdamW = Optimizer<ScheduleFreeAdamWHyper> & ScheduleFreeAdamWHyper;
