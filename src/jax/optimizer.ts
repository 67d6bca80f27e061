// class Optimizer of "rmsprop/jax": an optimizer with state of its own, over variables. The pure form is in transformation.ts.

import type { numpy as np } from "@jax-js/jax";
import { Argument } from "../check/argument.js";
import { type Config, resolveConfig } from "../core/config.js";
import { refuseNaN } from "../core/loss.js";
import { HostOptimizerBase } from "../core/optimizer-base.js";
import { holdRun } from "../core/run/run.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import { holdState, hostState } from "../core/state/own-state.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { ENGINES, type JaxEngineName } from "./engine.js";
import { lossAndGradients } from "./gradients.js";
import { scalar } from "./ops/ops.js";
import { createJaxRun, type JaxRun } from "./run.js";
import type { Variable } from "./variable.js";

/** A class of optimizers whose engine is chosen by its name. */
export type OnEngine<T, All> = new (options: All, engine: JaxEngineName) => T;

/** What makes the run of an optimizer on an engine. */
export type CreateJaxRun = (definition: OptimizerDefinition, config: Config, engine: JaxEngineName) => JaxRun;

/** `Optimizer`, as this package itself uses it. */
export class JaxOptimizer<Own extends object = Hyper> extends HostOptimizerBase<Own, Variable, np.Array | null> {
  readonly #run: JaxRun;

  /** @param engine `"jax"` computes on jax-js' device, `"core"` in core's kernels: see docs/jax.md */
  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>, engine?: JaxEngineName);
  /** @internal */
  constructor(
    definition: OptimizerDefinition,
    options: OptimizerOptions<Own>,
    engine: JaxEngineName,
    create: CreateJaxRun,
  );
  constructor(
    definition: OptimizerDefinition,
    options: OptimizerOptions<Own>,
    engine: JaxEngineName = "jax",
    create: CreateJaxRun = createJaxRun,
  ) {
    const owner = definition.className;
    const config = resolveConfig(definition, options);
    if (!Object.hasOwn(ENGINES, engine)) {
      throw new Argument(owner, "engine").badValue('be "jax" or "core"', engine, "Leave it out.");
    }
    super();
    const run = holdRun(this, create(definition, config, engine));
    this.#run = run;
    holdState(this, hostState(run));
  }

  /**
   * Computes the loss and its gradients by jax-js' autodiff, and makes one step. Returns the loss.
   *
   * @param loss reads the variables with `.ref` and gives a scalar array. One that is NaN is an error, and nothing
   *   changes; with `skipNonFinite` the gradients decide.
   */
  minimize(loss: () => np.Array, variables?: readonly Variable[]): number {
    const { argument } = this.#run.state;
    if (variables === undefined) this.#run.checkBuilt("minimize");
    const given = variables ?? this.trainedVariables;
    const wanted = argument("variables").items(given, "Pass [variable], even for one.");
    const act = () => lossAndGradients(argument, loss, this.lossScaleFactor, wanted);
    const { value, gradients } = this.#run.duringLoss(act);
    try {
      if (!this.#run.config.skipNonFinite) refuseNaN(argument("loss"), value);
      this.apply(gradients, wanted);
    } catch (error) {
      for (const gradient of gradients) gradient.dispose();
      throw error;
    }
    return value;
  }

  /**
   * One step. Gradients are used up, as everywhere in jax-js, unless the call throws.
   *
   * @param gradients one for each variable, in their order; `null` where there is none
   * @param variables those that the optimizer was built with, or some of them; by default all
   */
  override apply(gradients: readonly (np.Array | null)[], variables?: readonly Variable[]): void {
    if (this.#run.step(gradients, variables, this.lossScaleFactor)) return;
    for (const gradient of gradients) gradient?.dispose(); // it was left out
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. `minimize` does it by itself. */
  scaleLoss(loss: np.Array): np.Array {
    return this.lossScaleFactor === null ? loss : loss.mul(scalar(this.lossScaleFactor));
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(
    this: OnEngine<T, Readonly<Record<string, unknown>>>,
    config: KerasConfig,
    customObjects: CustomObjects = {},
    engine: JaxEngineName = "jax",
  ): T {
    return new this(optionsFrom(this, config, customObjects), engine);
  }

  /** Gives the memory of the state and the compiled programs back. The optimizer cannot be used afterwards. */
  override dispose(): void {
    super.dispose();
    this.#run.engine.dispose();
  }
}
