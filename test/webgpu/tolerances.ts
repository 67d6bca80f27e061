// How far a step on a GPU may be from core's, by option: what WGSL allows, and what SwiftShader, the adapter of the tests,
// does. Without a row nothing is tolerated but subnormal numbers that are flushed to zero, which WGSL allows everywhere and
// SwiftShader does: keras.test.ts compares with a reference that does the same.
import type { RMSpropOptions } from "rmsprop";

export interface Tolerance {
  readonly option: string;
  readonly options: RMSpropOptions;
  /**
   * The greatest distance that the accuracy of WGSL's operations adds up to, in units of the last place of a variable after
   * one step from zero, for gradients from 1/64 to 4. A distance near a power of two counts twice.
   */
  readonly allowed: number;
  /** The greatest distance on SwiftShader. */
  readonly swiftshader: number;
  readonly reason: string;
}

// Relative errors in units of 2^-24: a product or sum is rounded (1), a division may be off by 2.5 ulp (5), sqrt is
// 1 / inverseSqrt(x), which is off by 2 ulp and a division (9).
const STEP =
  "velocity by 3 roundings, halved by the root (1.5), the root itself (9), one product (1), one division (5)";

export const TOLERANCES: readonly Tolerance[] = [
  { option: "the plain rule", options: {}, allowed: 17, swiftshader: 0, reason: STEP },
  {
    option: "momentum",
    options: { momentum: 0.9 },
    allowed: 18,
    swiftshader: 0,
    reason: `${STEP}; one sum more`,
  },
  {
    option: "centered",
    options: { centered: true },
    allowed: 21,
    swiftshader: 0,
    reason: `${STEP}; the variance by 3 roundings more, hardly enlarged by the difference while rho is 0.9`,
  },
  {
    option: "weightDecay",
    options: { weightDecay: 0.1 },
    allowed: 18,
    swiftshader: 0,
    reason: `${STEP}; one difference more`,
  },
  {
    option: "clipvalue",
    options: { clipvalue: 0.1 },
    allowed: 17,
    swiftshader: 0,
    reason: `${STEP}; a clip by value only selects`,
  },
  {
    option: "clipnorm",
    options: { clipnorm: 0.37 },
    allowed: 60,
    swiftshader: 0,
    reason: `${STEP}; the clipped gradient by a root, a division and a sum whose order is NumPy's, twice`,
  },
  {
    option: "globalClipnorm",
    options: { globalClipnorm: 0.37 },
    allowed: 60,
    swiftshader: 0,
    reason: `${STEP}; the factor by a root, a division and a sum whose order is NumPy's, twice`,
  },
  {
    option: "useEma",
    options: { useEma: true, emaOverwriteFrequency: 1 },
    allowed: 20,
    swiftshader: 0,
    reason: `${STEP}; two products and a sum more`,
  },
  {
    option: "lossScaleFactor",
    options: { lossScaleFactor: 3 },
    allowed: 27,
    swiftshader: 0,
    reason: `${STEP}; the gradient by one division, twice`,
  },
];
