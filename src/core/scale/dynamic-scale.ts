// The loss scale that halves when gradients overflow and doubles when they have not for long. Who asks for it is in
// the faces.

import { checkNumber } from "../../check/arguments.js";
import type { Argument, Arguments } from "../../check/errors.js";

/** How a loss scale begins and grows. */
export interface DynamicScaleOptions {
  /** The loss scale at first, > 0. Default 2 ** 15. */
  readonly initialScale?: number;
  /** After so many steps with finite gradients in a row the scale doubles. Default 2000. */
  readonly dynamicGrowthSteps?: number;
}

export class DynamicScale {
  readonly initialScale: number;
  readonly growthSteps: number;
  /** The scale now: float32 in Keras. */
  scale: number;
  /** Finite steps since the scale was changed. */
  steps = 0;

  constructor(argument: Arguments, { initialScale = 2 ** 15, dynamicGrowthSteps = 2000 }: DynamicScaleOptions) {
    this.initialScale = checkNumber(argument("initialScale"), initialScale, { above: 0 });
    const remedy = "Pass a number that float32 holds.";
    checkNumber(argument("initialScale"), Math.fround(initialScale), { above: 0, remedy });
    this.growthSteps = checkNumber(argument("dynamicGrowthSteps"), dynamicGrowthSteps, { min: 1, integer: true });
    this.scale = Math.fround(initialScale);
  }

  /** After a step whose gradients were all finite, or not. */
  update(finite: boolean): void {
    const grows = finite && this.steps === this.growthSteps - 1;
    this.steps = finite && !grows ? this.steps + 1 : 0;
    if (!finite || grows) this.scale = Math.fround(this.scale * (grows ? 2 : 0.5));
  }
}

/** A scale as steps may leave it and files may hold it: 0, infinite and NaN too, with which Keras goes on. */
export function checkScale(argument: Argument, scale: unknown): number {
  if (scale === Number.POSITIVE_INFINITY || Number.isNaN(scale)) return scale as number; // both are numbers
  return checkNumber(argument, scale, NOT_NEGATIVE);
}

/** Kept, so that a step makes no object. */
const NOT_NEGATIVE = { min: 0 };
