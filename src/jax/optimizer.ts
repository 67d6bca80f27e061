// class Optimizer of "rmsprop/jax": an optimizer with state of its own, over variables. The pure form is in transformation.ts.
import type { numpy as np } from "@jax-js/jax";
import { checkedItems } from "../check/arguments.js";
import { badValue, StateError } from "../check/errors.js";
import { type Config, resolveConfig } from "../core/config.js";
import { OptimizerBase } from "../core/optimizer-base.js";
import { RunState } from "../core/run/run-state.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import {
  copiesOf,
  loadState,
  type OptimizerVariable,
  type SavedArray,
  saveState,
  type Weight,
} from "../core/state/state.js";
import { stateVariables } from "../core/state/state-variables.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { type Cell, ENGINES, type JaxEngine, type JaxEngineName } from "./engine.js";
import { checkGradients, checkVariables, lossAndGradients } from "./gradients.js";
import { scalar } from "./ops/ops.js";
import { Variable } from "./variable.js";

/**
 * The base of the optimizers over Variables of this face; names and state as in `"rmsprop"`. An `apply` that throws has changed
 * nothing.
 */
export class Optimizer<Own extends object = Hyper> extends OptimizerBase<Own, Variable, np.Array | null, Cell> {
  readonly #config: Config;
  readonly #engine: JaxEngine;
  readonly #run: RunState<Cell>;
  #built = false;

  /** @param engine `"jax"` computes on jax-js' device, `"core"` in core's kernels: see docs/jax.md */
  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>, engine: JaxEngineName = "jax") {
    const owner = definition.className;
    const config = resolveConfig(definition, options);
    if (!Object.hasOwn(ENGINES, engine)) {
      const requirement = 'be "jax" or "core"';
      throw badValue({ owner, argument: "engine", requirement, received: engine, remedy: "Leave it out." });
    }
    const made = ENGINES[engine]();
    const run = new RunState<Cell>(definition, config, made);
    super(config, run);
    this.#config = config;
    this.#engine = made;
    this.#run = run;
  }

  override get built(): boolean {
    return this.#built;
  }

  /** The optimizer's own variables in Keras' order; their values are copies. */
  get variables(): OptimizerVariable[] {
    return stateVariables(this.name, this.#run, this.#engine);
  }

  override build(variables: readonly Variable[]): void {
    this.checkUsable();
    if (this.#built) return;
    const wanted = checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
    checkVariables(this.className, wanted);
    this.#build(wanted);
  }

  #build(variables: readonly Variable[]): void {
    const targets = variables.map((variable) => ({
      ...{ key: variable, name: variable.name, shape: variable.shape, dtype: "float32" as const, array: variable },
      overwriteWithGradient: variable.overwriteWithGradient,
    }));
    this.add(targets);
    this.#built = true;
  }

  /**
   * Computes the loss and its gradients by jax-js' autodiff, and makes one step. Returns the loss.
   *
   * @param loss reads the variables with `.ref` and gives a scalar array. One that is NaN is an error, and nothing changes.
   */
  minimize(loss: () => np.Array, variables: readonly Variable[] = this.#known()): number {
    this.checkUsable();
    const wanted = checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
    const { value, gradients } = this.#run.turn.during(this.className, "loss", () =>
      lossAndGradients(this.className, loss, this.lossScaleFactor, wanted),
    );
    try {
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
  override apply(gradients: readonly (np.Array | null)[], variables: readonly Variable[] = this.#known()): void {
    const given = checkedItems(
      this.className,
      "gradients",
      gradients,
      "Pass one gradient for each variable, in their order.",
    );
    const wanted = checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
    this.checkUsable(); // after all that may run code of the user's
    if (given.length === 0 && wanted.length === 0) return;
    this.#run.turn.during(this.className, "step", () => this.#apply({ gradients: given, variables: wanted }));
    for (const gradient of given) gradient?.dispose();
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. `minimize` does it by itself. */
  scaleLoss(loss: np.Array): np.Array {
    return this.lossScaleFactor === null ? loss : loss.mul(scalar(this.lossScaleFactor));
  }

  /** Replaces variables by their moving averages. Without `useEma`, or before the first step, nothing happens. */
  finalizeVariableValues(variables: readonly Variable[] = this.#known()): void {
    this.checkUsable();
    if (!this.#config.useEma) return;
    const wanted = checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
    checkVariables(this.className, wanted);
    const averages = wanted.map((variable) => this.#run.averageOf(this.#indexOf(variable)));
    if (this.#run.calls === 0) return;
    wanted.forEach((variable, i) => {
      const average = averages[i];
      if (average) this.#engine.copy(average, variable);
    });
  }

  /** Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does. */
  withAverage<T>(fn: () => T): T {
    return this.whileAveraged(fn, () => this.#run.showAverages());
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(
    this: new (
      options: Readonly<Record<string, unknown>>,
      engine: JaxEngineName,
    ) => T,
    config: KerasConfig,
    customObjects: CustomObjects = {},
    engine: JaxEngineName = "jax",
  ): T {
    return new this(optionsFrom(this, config, customObjects), engine);
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    this.checkUsable();
    saveState(this.className, copiesOf(stateVariables(this.name, this.#run, this.#engine)), store);
  }

  override setWeights(weights: readonly Weight[]): void {
    this.checkUsable();
    if (!this.#built)
      throw new StateError(this.className, "setWeights() needs to know the variables. Call build(variables) first.");
    this.restore(weights);
  }

  protected override restore(weights: readonly Weight[]): void {
    this.checkUsable();
    loadState(this.className, this.variables, weights, this.#built);
  }

  protected override isVariable(value: unknown): boolean {
    return value instanceof Variable;
  }

  protected override free(): void {
    this.#forget();
    this.#engine.dispose();
  }

  #apply(call: Call): void {
    const wasBuilt = this.#built;
    if (!wasBuilt) {
      checkCall(this.className, call);
      this.#build(call.variables);
    }
    try {
      this.#run.ask();
      checkCall(this.className, call); // after all that may run code of the user's
      const indices = call.variables.map((variable) => this.#indexOf(variable));
      for (const variable of this.trainedVariables) variable.checkFree(); // a step may touch them all
      this.#step(indices, call.gradients);
    } catch (error) {
      if (!wasBuilt) this.#forget();
      throw error;
    }
  }

  #step(indices: readonly number[], gradients: readonly (np.Array | null)[]): void {
    const cells = gradients.map((gradient) => gradient && new Variable(gradient.ref, { name: "gradient" }));
    try {
      this.#engine.run(this.#run.prepare({ indices, gradients: cells }, this.lossScaleFactor));
      this.#run.commit();
    } finally {
      for (const cell of cells) cell?.dispose();
    }
  }

  #known(): readonly Variable[] {
    if (this.#built) return this.trainedVariables;
    throw new StateError(
      this.className,
      "the optimizer is not built. Pass the variables, or call build(variables) first.",
    );
  }

  #indexOf(variable: Variable): number {
    const index = this.#run.indexOf(variable);
    if (index >= 0) return index;
    const remedy = `It knows ${this.#run.targets.map(({ name }) => name).join(", ") || "none"}.`;
    const requirement = "be one that the optimizer was built with";
    throw badValue({ owner: this.className, argument: "variable", requirement, received: variable, remedy });
  }

  #forget(): void {
    this.#run.dispose();
    this.#built = false;
  }
}

/** What one apply was given. */
interface Call {
  readonly gradients: readonly (np.Array | null)[];
  readonly variables: readonly Variable[];
}

function checkCall(owner: string, { gradients, variables }: Call): void {
  checkVariables(owner, variables);
  checkGradients(owner, gradients, variables);
}
