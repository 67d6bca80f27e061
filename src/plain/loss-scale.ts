// class LossScaleOptimizer: another optimizer behind a loss scale that finds its own size. The scale is in
// core/scale/dynamic-scale.ts.

import { checkedLoss, evaluateLoss } from "../core/loss.js";
import { membersOn } from "../core/members.js";
import { HostOptimizerBase } from "../core/optimizer-base.js";
import { lossScaleArgument } from "../core/scale/dynamic-scale.js";
import {
  badInner,
  holdScale,
  holdScaleState,
  innerAndOptions,
  LossScaleMembers,
  type LossScaleOptions,
  scaleOf,
} from "../core/scale/loss-scale.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerVariable, Weight } from "../core/state/state.js";
import type { FloatArray } from "../engine/engine.js";
import { byClassName } from "../optimizers/index.js";
import type { Gradient, LossAndGradients } from "./inputs/gradients.js";
import type { VariableLike } from "./inputs/targets.js";
import { HostOptimizer } from "./optimizer.js";
import { hostClassOf, type Optimizer } from "./optimizer-class.js";
import { type HostRun, hostRunOf, statelessApply } from "./run.js";
import type { VariableValue } from "./variable.js";

export type { LossScaleOptions } from "../core/scale/loss-scale.js";

type MembersClass = abstract new () => LossScaleMembers<Optimizer> & HostOptimizerBase<object, VariableLike, Gradient>;

// It is an optimizer, and has been given the members.
const Base: MembersClass = /* @__PURE__ */ membersOn(HostOptimizerBase, LossScaleMembers) as MembersClass;

/**
 * Wraps an optimizer for losses that are multiplied by a large factor, so that small gradients do not vanish in half
 * precision. Gradients are divided by the scale; a step whose gradients are not all finite is left out, and halves the
 * scale; after `dynamicGrowthSteps` finite steps in a row the scale doubles.
 *
 * The inner optimizer's own `lossScaleFactor` is switched off. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends Base {
  readonly innerOptimizer: Optimizer;
  readonly #run: HostRun;

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    if (!(innerOptimizer instanceof HostOptimizer)) {
      throw badInner("innerOptimizer", innerOptimizer, 'Pass an optimizer of "rmsprop".');
    }
    super();
    holdScale(this, innerOptimizer, options);
    holdScaleState(this, innerOptimizer);
    this.innerOptimizer = innerOptimizer;
    this.#run = hostRunOf(this);
  }

  /** One step with gradients of the scaled loss, or none when a gradient is not finite. */
  override apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.#step(gradients, variables, this.dynamicScale);
  }

  /**
   * Computes the loss and its gradients, those of the loss itself, and makes one step, or none when a gradient is not finite.
   * Returns the loss, which may be NaN.
   */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = evaluateLoss(this.#run, lossScaleArgument("loss"), loss);
    this.#step(gradients, variables, 1);
    return value;
  }

  /** What `apply` would give, without changing anything: `[trainableVariables, optimizerVariables]`, copies. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    return statelessApply(this, this.#run, { optimizerVariables, gradients, trainableVariables });
  }

  #step(gradients: readonly Gradient[], variables: readonly VariableLike[] | undefined, lossScale: number): void {
    scaleOf(this).update(this.#run.step(gradients, variables, lossScale, undefined, "ifFinite"));
  }

  /** The loss to differentiate: multiplied by the scale. */
  scaleLoss(loss: number): number {
    return checkedLoss(lossScaleArgument("loss"), loss) * this.dynamicScale;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  override finalizeVariableValues(variables: readonly VariableLike[]): void {
    super.finalizeVariableValues(variables);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): LossScaleOptimizer {
    const classes = { ...byClassName(hostClassOf), ...customObjects };
    const { type, config: inner, options } = innerAndOptions(config, classes);
    return new LossScaleOptimizer(type.fromConfig(inner, classes) as Optimizer, options); // it checks what it is given
  }
}
