// Every optimizer of the package with its own options at Keras' defaults, as code to begin with.

type Defaults = Readonly<Record<string, number | boolean>>;

const BETAS = { beta1: 0.9, beta2: 0.999 };
const ADAM = { ...BETAS, epsilon: 1e-7 };

/** By the names of their classes. */
export const LIBRARY: Readonly<Record<string, Defaults>> = {
  RMSprop: { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  SGD: { learningRate: 0.01, momentum: 0, nesterov: false },
  Adam: { learningRate: 0.001, ...ADAM, amsgrad: false },
  AdamW: { learningRate: 0.001, weightDecay: 0.004, ...ADAM, amsgrad: false },
  Lion: { learningRate: 0.001, beta1: 0.9, beta2: 0.99 },
  Adagrad: { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 },
  Adadelta: { learningRate: 0.001, rho: 0.95, epsilon: 1e-7 },
  Adamax: { learningRate: 0.001, ...ADAM },
  Nadam: { learningRate: 0.001, ...ADAM },
  Ftrl: {
    ...{ learningRate: 0.001, learningRatePower: -0.5, initialAccumulatorValue: 0.1 },
    ...{ l1RegularizationStrength: 0, l2RegularizationStrength: 0, l2ShrinkageRegularizationStrength: 0, beta: 0 },
  },
  ScheduleFreeAdamW: { learningRate: 0.0025, ...BETAS, epsilon: 1e-8, warmupSteps: 0 },
};

/** Keras' spelling of an option. */
export function kerasName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^beta(\d)$/, "beta_$1");
}
