// class LossScaleOptimizer: another optimizer behind a loss scale that finds its own size. The scale is in
// core/scale/dynamic-scale.ts.

import { badKind } from "../check/errors.js";
import { checkedLoss } from "../core/loss.js";
import {
  innerAndOptions,
  LOSS_SCALE_OPTIMIZER,
  LossScaleBase,
  type LossScaleOptions,
} from "../core/scale/loss-scale-base.js";
import { type CustomObjects, deserializeOptimizer, type KerasConfig } from "../core/serialization.js";
import {
  copiesOf,
  copyWeights,
  loadState,
  type OptimizerVariable,
  type SavedArray,
  type StateVariable,
  saveState,
  statelessStep,
  type Weight,
} from "../core/state/state.js";
import { scaleVariables } from "../core/state/state-variables.js";
import type { FloatArray } from "../engine/engine.js";
import { byClassName } from "../optimizers/index.js";
import type { LossAndGradients } from "./inputs/gradients.js";
import { copyGradients, type Gradient } from "./inputs/gradients.js";
import type { VariableLike } from "./inputs/targets.js";
import { Optimizer } from "./optimizer.js";
import { defineOptimizer } from "./optimizer-class.js";
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
    const requirement = "be an Optimizer";
    if (!(innerOptimizer instanceof Optimizer)) {
      const remedy = "Pass new RMSprop(...), for example.";
      throw badKind({
        owner: LOSS_SCALE_OPTIMIZER,
        argument: "innerOptimizer",
        requirement,
        received: innerOptimizer,
        remedy,
      });
    }
    super(innerOptimizer, options);
  }

  /** Keras' order: an iteration that stays 0, a learning rate of 0, step counter and scale, then all inner variables. */
  get variables(): OptimizerVariable[] {
    return this.ownState;
  }

  /** As `variables`, to be read without showing the memory of the engine. @internal */
  get ownState(): StateVariable[] {
    const own = scaleVariables(LOSS_SCALE_OPTIMIZER, this.name, this.scale);
    return [...(this.built ? own : own.slice(0, 2)), ...this.innerOptimizer.ownState];
  }

  override apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.scale.update(this.innerOptimizer.applyScaled(gradients, this.dynamicScale, variables));
  }

  /**
   * Computes the loss and its gradients, those of the loss itself, and makes one step, or none when a gradient is not finite.
   * Returns the loss, which may be NaN.
   */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = this.innerOptimizer.evaluate(LOSS_SCALE_OPTIMIZER, loss);
    this.scale.update(this.innerOptimizer.applyScaled(gradients, 1, variables));
    return value;
  }

  /** What `apply` would give, without changing anything: `[trainableVariables, optimizerVariables]`, copies. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    this.checkBuilt("statelessApply");
    const given = copyGradients(LOSS_SCALE_OPTIMIZER, gradients);
    const weights = copyWeights(LOSS_SCALE_OPTIMIZER, optimizerVariables);
    return this.innerOptimizer.withValues(trainableVariables, () => statelessStep(this, weights, given));
  }

  /** The loss to differentiate: multiplied by the scale. */
  scaleLoss(loss: number): number {
    return checkedLoss(LOSS_SCALE_OPTIMIZER, loss) * this.dynamicScale;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  finalizeVariableValues(variables: readonly VariableLike[]): void {
    this.innerOptimizer.finalizeVariableValues(variables);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): LossScaleOptimizer {
    const { inner, options } = innerAndOptions(config);
    const optimizer = deserializeOptimizer(LOSS_SCALE_OPTIMIZER, "inner_optimizer", inner, {
      ...byClassName(defineOptimizer),
      ...customObjects,
    });
    return new LossScaleOptimizer(optimizer as Optimizer, options); // it checks what it is given
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    saveState(LOSS_SCALE_OPTIMIZER, copiesOf(this.ownState), store);
  }

  /** Copies of its own variables. The result puts them back. @internal */
  keepState(): () => void {
    const { scale, steps } = this.scale;
    const inner = this.innerOptimizer.keepState();
    return () => {
      Object.assign(this.scale, { scale, steps });
      inner();
    };
  }

  protected override restore(weights: readonly Weight[]): void {
    this.innerOptimizer.checkUsable();
    loadState(LOSS_SCALE_OPTIMIZER, this.ownState, weights, this.built);
  }
}
