// class Optimizer: what a user of numbers in memory holds. What it does is in run.ts and core/run/; there is no arithmetic here.
import { type Config, resolveConfig } from "../core/config.js";
import { checkedLoss, evaluateLoss, refuseNaN } from "../core/loss.js";
import { HostOptimizerBase } from "../core/optimizer-base.js";
import { holdRun } from "../core/run/run.js";
import { type Constructible, type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import { holdState, hostState } from "../core/state/own-state.js";
import type { OptimizerVariable, Weight } from "../core/state/state.js";
import type { FloatArray } from "../engine/engine.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import type { Gradient, LossAndGradients } from "./inputs/gradients.js";
import type { VariableLike } from "./inputs/targets.js";
import { createHostRun, type HostRun, statelessApply, withValues } from "./run.js";
import type { VariableValue } from "./variable.js";

/** What makes the run of an optimizer. */
export type CreateRun = (definition: OptimizerDefinition, config: Config) => HostRun;

/** `Optimizer`, as this package itself uses it. */
export class HostOptimizer<Own extends object = Hyper> extends HostOptimizerBase<Own, VariableLike, Gradient> {
  readonly #run: HostRun;

  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>);
  /** @internal */
  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>, create: CreateRun);
  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>, create: CreateRun = createHostRun) {
    const run = create(definition, resolveConfig(definition, options));
    super();
    this.#run = holdRun(this, run);
    holdState(this, hostState(run));
  }

  /**
   * One step: updates the variables by their gradients, in place.
   *
   * @param gradients one for each variable, in their order; `null` where there is none. They are read, not kept.
   * @param variables those that the optimizer was built with, or some of them, in any order; by default all. The first
   *   call builds the optimizer for them.
   */
  override apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.#run.step(gradients, variables, this.#run.state.lossScaleFactor);
  }

  /**
   * One step with the gradients that `loss` computes: those of the loss itself, not scaled. Returns the loss. One of NaN is a
   * RangeError, and nothing changes.
   */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const argument = this.#run.state.argument("loss");
    const { value, gradients } = evaluateLoss(this.#run, argument, loss);
    refuseNaN(argument, value);
    this.#run.step(gradients, variables, null);
    return value;
  }

  /** What `apply` would give, without changing anything: copies `[trainableVariables, optimizerVariables]`. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    return statelessApply(this, this.#run, { optimizerVariables, gradients, trainableVariables });
  }

  /** Runs `fn` with other values in the variables, puts theirs back, and returns `[what they held then, its result]`. */
  withValues<T>(values: readonly VariableValue[], fn: () => T): [FloatArray[], T] {
    return withValues(this.#run, values, fn);
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. */
  scaleLoss(loss: number): number {
    return checkedLoss(this.#run.state.argument("loss"), loss) * (this.lossScaleFactor ?? 1);
  }

  /** Replaces the variables by their moving averages. Without `useEma` nothing happens. */
  override finalizeVariableValues(variables: readonly VariableLike[]): void {
    this.#run.finalize(variables);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(this: Constructible<T>, config: KerasConfig, customObjects: CustomObjects = {}): T {
    return new this(optionsFrom(this, config, customObjects));
  }
}
