// The loss scale that halves when gradients overflow and doubles when they have not for long. Who asks for it is in
// the faces.

import { type Argument, type Arguments, argumentsOf } from "../../check/argument.js";

/** Keras' name of the class that has such a scale. */
export const LOSS_SCALE_OPTIMIZER = "LossScaleOptimizer";

/** An argument of a LossScaleOptimizer, for messages. */
export const lossScaleArgument: Arguments = argumentsOf(LOSS_SCALE_OPTIMIZER);

/** How a loss scale begins and grows. */
export interface DynamicScaleOptions {
  /** The loss scale at first, > 0. Default 2 ** 15. */
  readonly initialScale?: number | undefined;
  /** After so many steps with finite gradients in a row the scale doubles. Default 2000. */
  readonly dynamicGrowthSteps?: number | undefined;
}

export class DynamicScale {
  readonly initialScale: number;
  readonly growthSteps: number;
  /** The scale now: float32 in Keras. */
  scale: number;
  /** Finite steps since the scale was changed. */
  steps = 0;

  constructor({ initialScale = 2 ** 15, dynamicGrowthSteps = 2000 }: DynamicScaleOptions) {
    this.initialScale = lossScaleArgument("initialScale").number(initialScale, { above: 0 });
    const remedy = "Pass a number that float32 holds.";
    lossScaleArgument("initialScale").number(Math.fround(initialScale), { above: 0, remedy });
    this.growthSteps = lossScaleArgument("dynamicGrowthSteps").number(dynamicGrowthSteps, { min: 1, integer: true });
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
  return argument.number(scale, NOT_NEGATIVE);
}

/** Kept, so that a step makes no object. */
const NOT_NEGATIVE = { min: 0 };
