// class LossScaleOptimizer: another optimizer behind a loss scale that finds its own size. The scale is in
// core/scale/dynamic-scale.ts.

import { checkedLoss, evaluateLoss } from "../core/loss.js";
import {
  badInner,
  holdScaleState,
  innerAndOptions,
  LossScaleBase,
  type LossScaleOptions,
  lossScaleArgument,
  scaleOf,
} from "../core/scale/loss-scale-base.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import { stateOf } from "../core/state/own-state.js";
import { copiesOf, type OptimizerVariable, type SavedArray, saveState, type Weight } from "../core/state/state.js";
import type { FloatArray } from "../engine/engine.js";
import { byClassName } from "../optimizers/index.js";
import type { Gradient, LossAndGradients } from "./inputs/gradients.js";
import type { VariableLike } from "./inputs/targets.js";
import { Optimizer } from "./optimizer.js";
import { defineOptimizer } from "./optimizer-class.js";
import { hostRunOf, statelessApply } from "./run.js";
import type { VariableValue } from "./variable.js";

export type { LossScaleOptions } from "../core/scale/loss-scale-base.js";

/**
 * Wraps an optimizer for losses that are multiplied by a large factor, so that small gradients do not vanish in half
 * precision. Gradients are divided by the scale; a step whose gradients are not all finite is left out, and halves the
 * scale; after `dynamicGrowthSteps` finite steps in a row the scale doubles.
 *
 * The inner optimizer's own `lossScaleFactor` is switched off. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends LossScaleBase<Optimizer, VariableLike, Gradient> {
  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    if (!(innerOptimizer instanceof Optimizer)) {
      throw badInner("innerOptimizer", innerOptimizer, "Pass new RMSprop(...), for example.");
    }
    super(innerOptimizer, options);
    holdScaleState(this, this.name, innerOptimizer);
  }

  /** Keras' order: an iteration that stays 0, a learning rate of 0, step counter and scale, then all inner variables. */
  get variables(): OptimizerVariable[] {
    return stateOf(this).list();
  }

  override apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    scaleOf(this).update(this.innerOptimizer.applyScaled(gradients, this.dynamicScale, variables));
  }

  /**
   * Computes the loss and its gradients, those of the loss itself, and makes one step, or none when a gradient is not finite.
   * Returns the loss, which may be NaN.
   */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = evaluateLoss(hostRunOf(this.innerOptimizer), lossScaleArgument("loss"), loss);
    scaleOf(this).update(this.innerOptimizer.applyScaled(gradients, 1, variables));
    return value;
  }

  /** What `apply` would give, without changing anything: `[trainableVariables, optimizerVariables]`, copies. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    const run = hostRunOf(this.innerOptimizer);
    return statelessApply(this, run, { optimizerVariables, gradients, trainableVariables });
  }

  /** The loss to differentiate: multiplied by the scale. */
  scaleLoss(loss: number): number {
    return checkedLoss(lossScaleArgument("loss"), loss) * this.dynamicScale;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  override finalizeVariableValues(variables: readonly VariableLike[]): void {
    super.finalizeVariableValues(variables);
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    saveState(lossScaleArgument("store"), copiesOf(stateOf(this).list()), store);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): LossScaleOptimizer {
    const classes = { ...byClassName(defineOptimizer), ...customObjects };
    const { type, config: inner, options } = innerAndOptions(config, classes);
    return new LossScaleOptimizer(type.fromConfig(inner, classes) as Optimizer, options); // it checks what it is given
  }
}
