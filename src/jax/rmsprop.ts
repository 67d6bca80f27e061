// class RMSprop of "rmsprop/jax": Keras' optimizer with state of its own, over variables. The pure form is in transformation.ts.
import type { numpy as np } from "@jax-js/jax";
import { checkArray, checkFunction, checkNumberOrNull } from "../optimizer/checks.js";
import { type Config, resolveConfig } from "../optimizer/config.js";
import { badKind, badValue, StateError } from "../optimizer/errors.js";
import type { LearningRateLike } from "../optimizer/learning-rate.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizer/rmsprop.js";
import { type CustomObjects, configOf, type KerasConfig, optionsFrom } from "../optimizer/serialization.js";
import { settle } from "../optimizer/settle.js";
import {
  loadState,
  type OptimizerVariable,
  type SavedArray,
  saveState,
  type Weight,
  weightsOf,
} from "../optimizer/state.js";
import { optimizerVariables } from "../optimizer/state-variables.js";
import { Trainer } from "../optimizer/trainer.js";
import { type Exclusion, excluder } from "../optimizer/weight-decay.js";
import { type Cell, ENGINES, type EngineName } from "./engine.js";
import { checkGradients, checkVariables, lossAndGradients } from "./gradients.js";
import { scalar } from "./ops.js";
import { Variable } from "./variable.js";

const OWNER = "RMSprop";

/**
 * Keras' RMSprop over Variables of this face; names and state as in core. An `apply` that throws has changed nothing.
 *
 * @example
 * const v = new Variable(10);
 * new RMSprop({ learningRate: 0.1 }).minimize(() => np.square(v.ref).div(2), [v]);
 * `${v}`; // 9.683772
 */
export class RMSprop {
  readonly name: string;
  readonly className: string = OWNER;
  readonly #config: Config<RMSpropHyper>;
  readonly #engine: ReturnType<(typeof ENGINES)[EngineName]>;
  readonly #trainer: Trainer<Cell>;
  #decays: (name: string, key: object) => boolean = () => true;
  #built = false;
  #averaged = false;
  #disposed = false;

  /** @param engine `"jax"` computes on jax-js' device, `"core"` in core's kernels: see docs/jax.md */
  constructor(options: RMSpropOptions = {}, engine: EngineName = "jax") {
    this.#config = resolveConfig(RMSPROP, options);
    if (!Object.hasOwn(ENGINES, engine)) {
      const requirement = 'be "jax" or "core"';
      throw badValue({ owner: OWNER, argument: "engine", requirement, received: engine, remedy: "Leave it out." });
    }
    this.#engine = ENGINES[engine]();
    this.name = this.#config.name;
    this.#trainer = new Trainer<Cell>(RMSPROP, this.#config, this.#engine);
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return this.#trainer.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    this.#trainer.learningRate.set(source);
  }

  /** Updates made so far. Under gradient accumulation, calls divided by the steps, rounded down. */
  get iterations(): number {
    return this.#trainer.iterations;
  }

  get built(): boolean {
    return this.#built;
  }

  /** What computes: `"jax-wasm"`, `"jax-webgpu"`, ..., or core's `"wasm"` or `"js"`. */
  get engine(): string {
    return this.#engine.name;
  }

  get lossScaleFactor(): number | null {
    return this.#trainer.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    this.#trainer.lossScaleFactor = checkNumberOrNull(OWNER, "lossScaleFactor", factor, { above: 0 });
  }

  /** The optimizer's own variables in Keras' order; their values are copies. */
  get variables(): OptimizerVariable[] {
    return optimizerVariables(this.name, this.#trainer);
  }

  /** Makes the state for these variables. A second call does nothing, as in Keras. Called by the first step. */
  build(variables: readonly Variable[]): void {
    this.#checkUsable();
    if (this.#built) return;
    checkVariables(OWNER, variables);
    const targets = variables.map((variable) => ({
      ...{ key: variable, name: variable.name, shape: variable.shape, dtype: "float32" as const, array: variable },
      overwriteWithGradient: false,
    }));
    this.#trainer.add(targets, ({ name, key }) => this.#decays(name, key));
    this.#built = true;
  }

  /**
   * Computes the loss and its gradients by jax-js' autodiff, and makes one step. Returns the loss.
   *
   * @param loss reads the variables with `.ref` and gives a scalar array. One that is not finite is an error.
   */
  minimize(loss: () => np.Array, variables: readonly Variable[] = this.#known()): number {
    this.#checkUsable();
    const { value, gradients } = lossAndGradients(OWNER, loss, this.lossScaleFactor, variables);
    try {
      this.apply(gradients, variables);
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
  apply(gradients: readonly (np.Array | null)[], variables: readonly Variable[] = this.#known()): void {
    this.#checkUsable();
    checkArray(OWNER, "gradients", gradients, "Pass one gradient for each variable, in their order.");
    if (gradients.length === 0 && variables.length === 0) return;
    checkVariables(OWNER, variables);
    checkGradients(OWNER, gradients, variables);
    const wasBuilt = this.#built;
    this.build(variables);
    try {
      this.#step(
        variables.map((variable) => this.#indexOf(variable)),
        gradients,
      );
    } catch (error) {
      if (!wasBuilt) this.#forget();
      throw error;
    }
    for (const gradient of gradients) gradient?.dispose();
  }

  /** As `apply`, with pairs. Returns the number of calls so far. */
  applyGradients(pairs: Iterable<readonly [np.Array | null, Variable]>): number {
    const isIterable = typeof pairs === "object" && pairs !== null && Symbol.iterator in pairs;
    const list = isIterable ? [...pairs] : [];
    if (!isIterable || !list.every((pair) => Array.isArray(pair) && pair.length === 2)) {
      const requirement = "be an iterable of [gradient, variable]";
      const remedy = "Pass [[gradient, variable], ...].";
      throw badKind({ owner: OWNER, argument: "pairs", requirement, received: pairs, remedy });
    }
    this.apply(
      list.map(([gradient]) => gradient),
      list.map(([, variable]) => variable),
    );
    return this.#trainer.calls;
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. `minimize` does it by itself. */
  scaleLoss(loss: np.Array): np.Array {
    return this.lossScaleFactor === null ? loss : loss.mul(scalar(this.lossScaleFactor));
  }

  /** Replaces variables by their moving averages. Without `useEma`, or before the first step, nothing happens. */
  finalizeVariableValues(variables: readonly Variable[] = this.#known()): void {
    this.#checkUsable();
    if (!this.#config.useEma) return;
    checkVariables(OWNER, variables);
    const averages = variables.map((variable) => this.#trainer.averageOf(this.#indexOf(variable)));
    if (this.#trainer.calls === 0) return;
    variables.forEach((variable, i) => {
      const average = averages[i];
      if (average) this.#engine.copy(average, variable);
    });
  }

  /** Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does. */
  withAverage<T>(fn: () => T): T {
    this.#checkUsable();
    if (!this.#config.useEma) throw new StateError(OWNER, "withAverage needs averages. Pass useEma: true.");
    checkFunction(OWNER, "fn", fn);
    const restore = this.#trainer.calls === 0 ? () => undefined : this.#trainer.showAverages();
    this.#averaged = true;
    return settle(fn, () => {
      this.#averaged = false;
      restore();
    });
  }

  /** Leaves variables out of weight decay; call it before the optimizer is built. */
  excludeFromWeightDecay(exclusion: Exclusion<Variable>): void {
    if (this.#built) {
      throw new StateError(OWNER, "excludeFromWeightDecay() must come before the optimizer is built. Call it first.");
    }
    this.#decays = excluder(OWNER, exclusion);
  }

  /** Keras' own JSON for this optimizer. */
  getConfig(): KerasConfig {
    return configOf(OWNER, this.#config, this.#trainer.learningRate.source, this.lossScaleFactor);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}, engine: EngineName = "jax"): RMSprop {
    return new RMSprop(optionsFrom(OWNER, config, customObjects), engine);
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    this.#checkUsable();
    saveState(OWNER, this.variables, store);
  }

  /** Restores what `saveOwnVariables` stored. Throws StateMismatchError, with both lists, and changes nothing. */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.setWeights(weightsOf(OWNER, store));
  }

  /** Replaces all optimizer variables, in the order of `variables`. Throws StateMismatchError and changes nothing. */
  setWeights(weights: readonly Weight[]): void {
    this.#checkUsable();
    if (!this.#built)
      throw new StateError(OWNER, "setWeights() needs to know the variables. Call build(variables) first.");
    loadState(OWNER, this.variables, weights);
  }

  /** Gives the memory of the state back; variables are not touched. The optimizer cannot be used afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.#averaged) this.#checkUsable();
    this.#forget();
    this.#engine.dispose();
    this.#disposed = true;
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #step(indices: readonly number[], gradients: readonly (np.Array | null)[]): void {
    const cells = gradients.map((gradient) => gradient && new Variable(gradient.ref, { name: "gradient" }));
    try {
      this.#trainer.apply(indices, cells, this.lossScaleFactor);
    } finally {
      for (const cell of cells) cell?.dispose();
    }
  }

  #known(): readonly Variable[] {
    // `build` puts in nothing but variables.
    if (this.#built) return this.#trainer.targets.map(({ key }) => key as Variable);
    throw new StateError(OWNER, "the optimizer is not built. Pass the variables, or call build(variables) first.");
  }

  #indexOf(variable: Variable): number {
    const index = this.#trainer.indexOf(variable);
    if (index >= 0) return index;
    const remedy = `It knows ${this.#trainer.targets.map(({ name }) => name).join(", ") || "none"}.`;
    const requirement = "be one that the optimizer was built with";
    throw badValue({ owner: OWNER, argument: "variable", requirement, received: variable, remedy });
  }

  #forget(): void {
    this.#trainer.dispose();
    this.#built = false;
  }

  #checkUsable(): void {
    if (this.#disposed) throw new StateError(OWNER, `${this.name} was disposed. Make a new one.`);
    if (!this.#averaged) return;
    throw new StateError(OWNER, "variables hold their averages in withAverage(). Train after it has ended.");
  }
}
