// class Optimizer of "rmsprop/tfjs": a tf.Optimizer around trainer.ts. It turns names and tensors into targets; what a
// step does is the same as in core. Saved weights are in weights.ts.
import * as tf from "@tensorflow/tfjs-core";
import { checkFunction } from "../optimizer/checks.js";
import { type Config, type OptimizerOptions, resolveConfig } from "../optimizer/config.js";
import { type Hyper, type OptimizerDefinition, ruleOf } from "../optimizer/definition.js";
import { badKind, badValue, StateError } from "../optimizer/errors.js";
import type { LearningRateLike } from "../optimizer/learning-rate.js";
import { configOf } from "../optimizer/serialization.js";
import { settle } from "../optimizer/settle.js";
import { loadState, type OptimizerVariable } from "../optimizer/state.js";
import { optimizerVariables } from "../optimizer/state-variables.js";
import { Trainer } from "../optimizer/trainer.js";
import { warnOnce } from "../optimizer/warn.js";
import { type Exclusion, excluder } from "../optimizer/weight-decay.js";
import { createTensorEngine } from "./engine.js";
import { type NamedTensor, PendingWeights, readWeights, Weights } from "./weights.js";

/**
 * The base of the optimizers for TensorFlow.js: a `tf.Optimizer` with everything around the update rule that Keras has.
 *
 * State belongs to each variable, not to its place in a list: variables may come later, in another order, or not at all.
 */
export class Optimizer<H extends Hyper = Hyper> extends tf.Optimizer {
  readonly name: string;
  readonly #definition: OptimizerDefinition;
  readonly #config: Config<H>;
  readonly #trainer: Trainer<tf.Tensor>;
  readonly #weights = new Weights();
  #pending: PendingWeights | null = null;
  #decays: (name: string, key: object) => boolean = () => true;
  #averaged = false;
  #disposed = false;

  constructor(definition: OptimizerDefinition<H>, options: OptimizerOptions<H>) {
    super();
    // The hyper-parameters that reach it are those of its own defaults.
    this.#definition = definition as unknown as OptimizerDefinition;
    this.#config = resolveConfig(definition, options);
    this.name = this.#config.name;
    this.#trainer = new Trainer(this.#definition, this.#config, createTensorEngine());
  }

  /** tf.Optimizer says yes to every optimizer; this says yes to those of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return this.#trainer.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    this.#trainer.learningRate.set(source);
  }

  /** Updates made so far. Under gradient accumulation, calls divided by the steps, rounded down. */
  override get iterations(): number {
    return this.#trainer.iterations;
  }

  /** What computes: `"tfjs-wasm"`, `"tfjs-cpu"`, ... by the backend of TensorFlow.js. */
  get engine(): string {
    return this.#trainer.engine.name;
  }

  /** The factor by which the loss is multiplied before gradients are taken; null for none. */
  get lossScaleFactor(): number | null {
    return this.#trainer.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    this.#trainer.lossScaleFactor = factor;
  }

  /** The optimizer's own variables in Keras' order. */
  get variables(): OptimizerVariable[] {
    return optimizerVariables(this.name, this.#trainer);
  }

  /**
   * Computes the gradients of `f` and makes one step.
   *
   * @param f gives the loss, a scalar. It is scaled by `lossScaleFactor` before gradients are taken.
   * @param returnCost return the loss, unscaled; or, as in Keras, the list of variables
   * @param varList the variables to train; by default all trainable ones
   */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean | tf.Variable[] = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    if (Array.isArray(returnCost)) return this.minimize(f, false, returnCost);
    return this.minimizeScaled(f, this.lossScaleFactor, varList, returnCost).cost;
  }

  /** As `minimize`, with another loss scale; says whether all gradients were finite, if that was to be checked. */
  minimizeScaled(
    f: () => tf.Scalar,
    lossScale: number | null,
    varList: tf.Variable[] | undefined,
    returnCost: boolean,
    onlyFinite = false,
  ): { cost: tf.Scalar | null; applied: boolean } {
    this.#checkUsable();
    let cost: tf.Scalar | null = null;
    const scaled = (): tf.Scalar => {
      const loss = f();
      if (returnCost) cost = tf.keep(loss.clone());
      return lossScale === null ? loss : tf.mul(loss, lossScale);
    };
    const { value, grads } = this.computeGradients(scaled, varList);
    try {
      const names = (varList ?? Object.keys(grads)).map((item) => (typeof item === "string" ? item : item.name));
      const pairs = names.map((name) => ({ name, tensor: grads[name] ?? null }));
      return { cost, applied: this.#apply(pairs, lossScale, onlyFinite) };
    } catch (error) {
      (cost as tf.Scalar | null)?.dispose();
      throw error;
    } finally {
      value.dispose();
      tf.dispose(grads);
    }
  }

  /** One step with gradients by the names of their variables; `null` or missing where there is none. */
  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.applyNamed(gradients, this.lossScaleFactor);
  }

  /** As `applyGradients`, with another loss scale; with `onlyFinite`, nothing changes when a gradient is not finite. */
  applyNamed(gradients: tf.NamedTensorMap | NamedTensor[], lossScale: number | null, onlyFinite = false): boolean {
    const pairs = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    return this.#apply(pairs, lossScale, onlyFinite);
  }

  /** One step with Keras' arguments: a gradient, or `null`, for each variable. By default, all variables trained so far. */
  apply(gradients: readonly (tf.Tensor | null)[], variables?: readonly tf.Variable[]): void {
    this.applyScaled(gradients, this.lossScaleFactor, variables);
  }

  /** As `apply`, with another loss scale; with `onlyFinite`, nothing changes when a gradient is not finite. */
  applyScaled(
    gradients: readonly (tf.Tensor | null)[],
    lossScale: number | null,
    variables: readonly tf.Variable[] = this.#known(),
    onlyFinite = false,
  ): boolean {
    if (gradients.length !== variables.length) {
      const requirement = `have ${variables.length} items, one for each variable`;
      const remedy = "Pass null where there is no gradient.";
      throw badValue({ owner: this.getClassName(), argument: "gradients", requirement, received: gradients, remedy });
    }
    const pairs = variables.map((variable, i) => ({ name: variable.name, tensor: gradients[i] ?? null }));
    return this.#apply(pairs, lossScale, onlyFinite);
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. `minimize` does it by itself. */
  scaleLoss<T extends tf.Tensor>(loss: T): T {
    return this.lossScaleFactor === null ? loss : tf.mul<T>(loss, this.lossScaleFactor);
  }

  /** Replaces variables by their moving averages, by default all. Without `useEma` nothing happens. */
  finalizeVariableValues(variables: readonly tf.Variable[] = this.#known()): void {
    this.#checkUsable();
    if (!this.#config.useEma) return;
    for (const variable of variables) {
      const average = this.#trainer.averageOf(this.#indexOf(variable));
      if (average) this.#trainer.engine.copy(average, variable);
    }
  }

  /** Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does. */
  withAverage<T>(fn: () => T): T {
    this.#checkUsable();
    if (!this.#config.useEma)
      throw new StateError(this.getClassName(), "withAverage needs averages. Pass useEma: true.");
    checkFunction(this.getClassName(), "fn", fn);
    const restore = this.#trainer.showAverages();
    this.#averaged = true;
    return settle(fn, () => {
      this.#averaged = false;
      restore();
    });
  }

  /** Leaves variables out of weight decay; call it before the first step. `names` are searched in each variable's name. */
  excludeFromWeightDecay(exclusion: Exclusion<tf.Variable>): void {
    if (this.#trainer.targets.length > 0) {
      throw new StateError(
        this.getClassName(),
        "excludeFromWeightDecay() must come before the first step. Call it first.",
      );
    }
    this.#decays = excluder(this.getClassName(), exclusion);
  }

  /** Keras' own JSON for this optimizer. */
  override getConfig(): tf.serialization.ConfigDict {
    const { className } = this.#definition;
    const source = this.#trainer.learningRate.source;
    // A config holds nothing but JSON.
    return configOf(className, this.#config, source, this.lossScaleFactor) as tf.serialization.ConfigDict;
  }

  /** All own variables as named tensors, the iteration first. They stay the optimizer's: do not dispose of them. */
  override async getWeights(): Promise<NamedTensor[]> {
    return this.#weights.named(this.variables, this.#pending);
  }

  /** Restores what `getWeights` gave, here or in `tf.train.rmsprop`. Before the first step it waits for the variables. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    this.#checkUsable();
    const read = await readWeights(weights);
    const counters = this.variables.slice(0, this.#trainer.learningRate.isNumber ? 2 : 1);
    const pending = new PendingWeights(
      this.getClassName(),
      read,
      counters,
      ruleOf(this.#definition, this.#config.hyper).slots,
    );
    if (this.#trainer.targets.length > 0) {
      loadState(this.getClassName(), this.variables, pending.all);
      return;
    }
    loadState(this.getClassName(), counters, pending.counters);
    this.#pending = pending;
  }

  /** Gives the memory of the state back. The optimizer cannot be used afterwards. */
  override dispose(): void {
    if (this.#averaged) this.#checkUsable();
    this.#trainer.dispose();
    this.#weights.dispose();
    this.#disposed = true;
  }

  #apply(
    pairs: readonly { name: string; tensor: tf.Tensor | null }[],
    lossScale: number | null,
    onlyFinite = false,
  ): boolean {
    this.#checkUsable();
    if (pairs.length === 0) return true;
    const variables = pairs.map(({ name }) => this.#variableNamed(name));
    const gradients = pairs.map(({ tensor }, i) => this.#checkedGradient(tensor ?? null, variables[i]));
    this.#refuseDoubles(variables);
    this.#reportMissing(pairs);
    this.#add(variables);
    const indices = variables.map((variable) => this.#indexOf(variable));
    if (onlyFinite && !this.#trainer.engine.allFinite(gradients.filter((gradient) => gradient !== null))) return false;
    this.#trainer.apply(indices, gradients, lossScale);
    return true;
  }

  #variableNamed(name: string): tf.Variable {
    const variable = tf.engine().registeredVariables[name];
    if (variable !== undefined && !variable.isDisposed) return variable;
    const remedy = "It was disposed, or never made. Pass the variables that the loss uses.";
    throw badValue({ owner: this.getClassName(), argument: "variable", requirement: "exist", received: name, remedy });
  }

  #checkedGradient(gradient: tf.Tensor | null, variable: tf.Variable | undefined): tf.Tensor | null {
    if (variable === undefined || gradient === null) return null;
    const argument = `gradient of ${variable.name}`;
    const owner = this.getClassName();
    if (variable.dtype !== "float32" || gradient.dtype !== "float32") {
      const received = `${gradient.dtype} for a ${variable.dtype} variable`;
      throw badKind({
        owner,
        argument,
        requirement: "be float32 for a float32 variable",
        received,
        remedy: "Use tf.cast.",
      });
    }
    if (gradient.isDisposed) throw new StateError(owner, `the ${argument} was disposed. Keep it with tf.keep.`);
    if (tf.util.arraysEqual(gradient.shape, variable.shape)) return gradient;
    const requirement = `have the shape [${variable.shape}]`;
    throw badValue({
      owner,
      argument,
      requirement,
      received: `[${gradient.shape}]`,
      remedy: "Do not rely on broadcasting.",
    });
  }

  #refuseDoubles(variables: readonly tf.Variable[]): void {
    const twice = variables.find((variable, i) => variables.indexOf(variable) !== i);
    if (twice === undefined) return;
    const remedy = "Pass each variable once.";
    const requirement = "not hold a variable twice";
    throw badValue({ owner: this.getClassName(), argument: "variables", requirement, received: twice.name, remedy });
  }

  #reportMissing(pairs: readonly { name: string; tensor: tf.Tensor | null }[]): void {
    const missing = pairs.filter(({ tensor }) => tensor == null).map(({ name }) => name);
    const owner = this.getClassName();
    if (missing.length === pairs.length) {
      const remedy = "Check that the loss depends on the variables.";
      throw badValue({
        owner,
        argument: "gradients",
        requirement: "not all be null",
        received: missing.join(", "),
        remedy,
      });
    }
    if (missing.length > 0)
      warnOnce(`${owner}: no gradients for ${missing.join(", ")}; these variables stay as they are.`);
  }

  /** Slots for variables that were not seen before. */
  #add(variables: readonly tf.Variable[]): void {
    const fresh = variables.filter((variable) => this.#trainer.indexOf(variable) < 0);
    if (fresh.length === 0) return;
    const targets = fresh.map((variable) => ({
      ...{ key: variable, name: variable.name, shape: variable.shape, dtype: "float32" as const, array: variable },
      overwriteWithGradient: false,
    }));
    const before = new Set(this.variables.map(({ path }) => path));
    this.#trainer.add(targets, ({ name, key }) => this.#decays(name, key));
    this.#pending = this.#pending?.restore(this.variables.filter(({ path }) => !before.has(path))) ?? null;
  }

  #known(): tf.Variable[] {
    // `#add` puts in nothing but variables.
    return this.#trainer.targets.map(({ key }) => key as tf.Variable);
  }

  #indexOf(variable: tf.Variable): number {
    const index = this.#trainer.indexOf(variable);
    if (index >= 0) return index;
    const requirement = "be one that this optimizer has trained";
    const remedy = `It knows ${
      this.#known()
        .map(({ name }) => name)
        .join(", ") || "none yet"
    }.`;
    throw badValue({ owner: this.getClassName(), argument: "variable", requirement, received: variable.name, remedy });
  }

  #checkUsable(): void {
    const owner = this.getClassName();
    if (this.#disposed) throw new StateError(owner, `${this.name} was disposed. Make a new one.`);
    if (this.#averaged) {
      throw new StateError(owner, "the variables hold their averages inside withAverage(). Train after it has ended.");
    }
  }
}
