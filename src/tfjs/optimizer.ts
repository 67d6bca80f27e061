// class Optimizer of "rmsprop/tfjs": a tf.Optimizer around a RunState, which does what it does on every face.
import * as tf from "@tensorflow/tfjs-core";
import { checkedItems, checkFunction, checkNumberOrNull } from "../check/arguments.js";
import { StateError } from "../check/errors.js";
import { type Config, resolveConfig } from "../core/config.js";
import { RunState } from "../core/run/run-state.js";
import { withUndo } from "../core/run/undo.js";
import { type CustomObjects, configOf, type KerasConfig, setModule } from "../core/serialization.js";
import type { OptimizerVariable, StateVariable } from "../core/state/state.js";
import { stateVariables } from "../core/state/state-variables.js";
import { type DecayExclusion, excluder } from "../core/weight-decay.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import { type Configurable, createFromConfig } from "./config.js";
import { checkBackend } from "./engine/backends.js";
import { createTensorEngine, type StepCounts } from "./engine/engine.js";
import { checkPairs, checkVariable, type Pair, pairsByName, pairsInOrder, pairsOfTrainable } from "./gradients.js";
import { gradientsOf, minimizeArguments, refuseKnownNaN, type ValueAndGradients } from "./loss.js";
import { SavedState } from "./state/saved-state.js";
import type { NamedTensor } from "./state/weights.js";
import { addVariables, forgetDisposed, untrained } from "./targets.js";
import { TensorOptimizer } from "./tensor-optimizer.js";

/**
 * The base of the optimizers for TensorFlow.js: a `tf.Optimizer` with everything around the update rule that Keras has.
 *
 * State belongs to each variable, not to its place in a list: variables may come later, in another order, or not at all.
 */
export class Optimizer<Own extends object = Hyper> extends TensorOptimizer {
  readonly name: string;
  readonly #config: Config;
  readonly #engine = createTensorEngine();
  readonly #run: RunState<tf.Tensor>;
  readonly #saved: SavedState;
  #decays: (name: string, key: object) => boolean = () => true;
  #disposed = false;

  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>) {
    super();
    this.#config = resolveConfig(definition, options);
    this.name = this.#config.name;
    setModule(this, definition.module);
    this.#run = new RunState(definition, this.#config, this.#engine);
    this.#saved = new SavedState(this, this.#run);
  }

  /** The name under which models are saved. */
  override getClassName(): string {
    const { className } = this.constructor as { readonly className?: string };
    return className ?? this.#run.definition.className;
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return this.#run.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    this.#run.learningRate.set(source);
  }

  /** Updates made so far. Under gradient accumulation, calls divided by the steps, rounded down. */
  override get iterations(): number {
    return this.#run.iterations;
  }

  /**
   * What computes, by the backend of TensorFlow.js: `"tfjs-wasm-fused"` and `"tfjs-webgpu-fused"` in place,
   * `"tfjs-cpu-staged"` over copies, `"tfjs-webgl"` and others by its own operations. `tf.env().set("RMSPROP_FUSED", false)`
   * leaves all to those. A step that a strategy cannot run, such as one over too many slots, is composed, and counted so.
   */
  get engine(): string {
    return this.#engine.name;
  }

  /** The steps so far by how they ran, and the copies that shared storage has cost. */
  get stepCounts(): StepCounts {
    return { ...this.#engine.counts };
  }

  /** The factor by which the loss is multiplied before gradients are taken; null for none. */
  get lossScaleFactor(): number | null {
    return this.#run.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    this.#run.lossScaleFactor = checkNumberOrNull(this.getClassName(), "lossScaleFactor", factor, { above: 0 });
  }

  /** The own hyper-parameters, as given. */
  get hyper(): Own {
    return this.#config.hyper as Own; // each class has the options of its definition
  }

  /** The variables that were trained so far, without those that were disposed of. */
  get trainedVariables(): tf.Variable[] {
    forgetDisposed(this.#run);
    // `#add` puts in nothing but variables.
    return this.#run.targets.map(({ key }) => key as tf.Variable);
  }

  /** The optimizer's own variables in Keras' order. */
  get variables(): OptimizerVariable[] {
    return this.ownState;
  }

  /** As `variables`, with values that are not to be kept. @internal */
  get ownState(): StateVariable[] {
    forgetDisposed(this.#run);
    return stateVariables(this.name, this.#run, this.#engine);
  }

  /**
   * Computes the gradients of `f` and makes one step. On cpu and wasm a loss of NaN is a RangeError, and nothing changes.
   * @param f gives the loss, a scalar. It is scaled by `lossScaleFactor` before gradients are taken.
   * @param returnCost return the loss, unscaled; or, as in Keras, the list of variables
   * @param varList the variables to train; by default all trainable ones
   */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean | tf.Variable[] = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    const { wanted, variables } = minimizeArguments(this.getClassName(), returnCost, varList);
    return this.minimizeScaled(f, this.lossScaleFactor, variables, wanted).cost;
  }

  /**
   * As `minimize`, with another loss scale; says whether all gradients were finite, if that was to be checked.
   *
   * @internal
   */
  minimizeScaled(
    f: () => tf.Scalar,
    lossScale: number | null,
    varList: readonly tf.Variable[] | undefined,
    returnCost: boolean,
    onlyFinite = false,
  ): { cost: tf.Scalar | null; applied: boolean } {
    this.checkUsable();
    const owner = this.getClassName();
    const { applied, cost } = tf.tidy(() => {
      const act = () => gradientsOf(owner, f, lossScale, varList);
      const { value, grads } = this.#run.turn.during(owner, "loss", act);
      if (!onlyFinite) refuseKnownNaN(owner, value);
      const pairs = varList ? pairsOfTrainable(grads, varList) : pairsByName(owner, grads);
      return { applied: this.applyPairs(pairs, lossScale, onlyFinite), cost: value };
    });
    if (returnCost) return { cost, applied };
    cost.dispose();
    return { cost: null, applied };
  }

  /** The loss, and what `applyGradients` takes: the gradients of the loss multiplied by `lossScaleFactor`, if there is one. */
  override computeGradients(f: () => tf.Scalar, varList?: tf.Variable[]): ValueAndGradients {
    return gradientsOf(this.getClassName(), f, this.lossScaleFactor, varList);
  }

  /** One step with gradients by the names of their variables; `null` or missing where there is none. */
  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.applyPairs(pairsByName(this.getClassName(), gradients), this.lossScaleFactor);
  }

  /** One step with Keras' arguments: a gradient, or `null`, for each variable. By default, all variables trained so far. */
  apply(gradients: readonly (tf.Tensor | null)[], variables: readonly tf.Variable[] = this.trainedVariables): void {
    this.applyPairs(pairsInOrder(this.getClassName(), gradients, variables), this.lossScaleFactor);
  }

  /**
   * As `apply`, with another loss scale. With `onlyFinite`, nothing changes when a gradient is not finite, and the result
   * is false.
   *
   * @internal
   */
  applyPairs(pairs: readonly Pair[], lossScale: number | null, onlyFinite = false): boolean {
    this.checkUsable();
    if (pairs.length === 0) return true;
    const variables = pairs.map(({ variable }) => variable);
    return this.#run.turn.during(this.getClassName(), "step", () => {
      if (onlyFinite || variables.some((variable) => this.#run.indexOf(variable) < 0)) this.#checkStep(pairs);
      return this.buildThen(variables, () => this.#step(pairs, lossScale, onlyFinite));
    });
  }

  /** Throws for what a step cannot be made with. */
  #checkStep(pairs: readonly Pair[]): void {
    const owner = this.getClassName();
    checkPairs(owner, pairs);
    forgetDisposed(this.#run);
    checkBackend(owner, this.#run, this.#config.hyper.epsilon);
  }

  #step(pairs: readonly Pair[], lossScale: number | null, onlyFinite: boolean): boolean {
    const stepOf = () => {
      const indices = pairs.map(({ variable }) => this.#run.indexOf(variable));
      return this.#run.prepare({ indices, gradients: pairs.map(({ gradient }) => gradient) }, lossScale);
    };
    if (onlyFinite && !this.#engine.allFinite(stepOf())) return false;
    this.#run.ask();
    this.#checkStep(pairs); // after all that may run code of the user's
    this.#engine.run(stepOf());
    this.#run.commit();
    return true;
  }

  /** Whether weight decay, where there is any, takes from a variable: not if it was excluded. */
  decays(variable: tf.Variable): boolean {
    return this.#decays(variable.name, variable);
  }

  /** Makes slots for variables that have none yet and runs `fn`; takes them away again if it throws. */
  buildThen<T>(variables: readonly tf.Variable[], fn: () => T): T {
    const fresh = variables.filter((variable) => this.#run.indexOf(variable) < 0);
    try {
      return this.#saved.undoing(() => {
        this.#add(fresh);
        return fn();
      });
    } catch (error) {
      this.#run.remove(fresh);
      throw error;
    }
  }

  /**
   * Makes slots for those of the variables that values wait for, which setWeights() was given before their first step. Throws
   * a StateError when others are needed. @internal
   */
  takeWaiting(variables: readonly tf.Variable[]): void {
    this.checkUsable();
    this.buildThen(this.#saved.awaited(variables), () => this.#saved.checkNothingWaits());
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. `minimize` does it by itself. */
  scaleLoss<T extends tf.Tensor>(loss: T): T {
    return this.lossScaleFactor === null ? loss : tf.mul<T>(loss, this.lossScaleFactor);
  }

  /** Replaces variables by their moving averages, by default all. Without `useEma`, or before the first step, nothing happens. */
  finalizeVariableValues(variables: readonly tf.Variable[] = this.trainedVariables): void {
    this.checkUsable();
    if (!this.#config.useEma) return;
    const wanted = checkedItems(this.getClassName(), "variables", variables, "Pass [variable], even for one.");
    const averages = wanted.map((variable) => this.#run.averageOf(this.#indexOf(variable)));
    if (this.#run.calls === 0) return;
    wanted.forEach((variable, i) => {
      const average = averages[i];
      if (average) this.#run.engine.copy(average, variable);
    });
  }

  /** Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does. */
  withAverage<T>(fn: () => T): T {
    this.checkUsable();
    const owner = this.getClassName();
    if (!this.#config.useEma) throw new StateError(owner, "withAverage needs averages. Pass useEma: true.");
    checkFunction(owner, "fn", fn);
    forgetDisposed(this.#run);
    const restore = this.#run.showAverages();
    this.#run.turn.take("averages");
    return withUndo(fn, () => {
      this.#run.turn.end();
      restore();
    });
  }

  /** Leaves variables out of weight decay; call it before the first step. `names` are searched in each variable's name. */
  excludeFromWeightDecay(exclusion: DecayExclusion<tf.Variable>): void {
    const owner = this.getClassName();
    if (this.#run.targets.length > 0) throw new StateError(owner, TOO_LATE);
    this.#decays = excluder(owner, exclusion, (value) => value instanceof tf.Variable);
  }

  /** Keras' own JSON for this optimizer. */
  override getConfig(): tf.serialization.ConfigDict {
    const source = this.#run.learningRate.source;
    // A config holds nothing but JSON.
    return configOf(this.#run.definition, this.#config, source, this.lossScaleFactor) as tf.serialization.ConfigDict;
  }

  /**
   * The optimizer of a config, its state fresh: `fromConfig(config, customObjects?)` with Keras' JSON, or `fromConfig(cls,
   * config)` as TensorFlow.js calls it when it loads a model.
   */
  static override fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static override fromConfig<T>(this: new (options: never) => T, config: KerasConfig, customObjects?: CustomObjects): T;
  static override fromConfig(this: unknown, first: Configurable | KerasConfig, second: KerasConfig = {}): unknown {
    // What this is called on takes one object of options, as the signature above demands.
    return createFromConfig(this as Configurable, first, second);
  }

  /** All own variables as named tensors, the iteration first. They stay the optimizer's: do not dispose of them. */
  override async getWeights(): Promise<NamedTensor[]> {
    this.checkAlive();
    return this.#saved.tensorsOf(await this.#saved.values());
  }

  /**
   * Restores what `getWeights` gave, here or in `tf.train.rmsprop`: slots by the names of their variables, or else by their
   * order. Slots of variables that were not trained yet wait for them. Throws StateMismatchError and changes nothing.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    this.checkUsable();
    const read = await this.#saved.read(weights);
    this.#saved.checked(read)();
  }

  /** What is saved and restored, by name. @internal */
  get savedState(): SavedState {
    return this.#saved;
  }

  /** Gives the memory of the state back. The optimizer cannot be used afterwards. */
  override dispose(): void {
    this.#run.turn.check(this.getClassName());
    this.#run.dispose();
    this.#saved.dispose();
    this.#disposed = true;
  }

  /** Slots for variables that were not seen before: those that wait for them, or new ones. */
  #add(fresh: readonly tf.Variable[]): void {
    if (fresh.length === 0) return;
    addVariables(this.#run, fresh, this.#decays);
    this.#saved.giveTo(fresh);
  }

  #indexOf(variable: tf.Variable): number {
    const owner = this.getClassName();
    checkVariable(owner, variable);
    const index = this.#run.indexOf(variable);
    if (index >= 0) return index;
    throw untrained(owner, variable, this.trainedVariables);
  }

  /** Throws a StateError after `dispose()`. @internal */
  checkAlive(): void {
    if (this.#disposed) throw new StateError(this.getClassName(), `${this.name} was disposed. Make a new one.`);
  }

  /** Throws a StateError after `dispose()`, within a step or a loss, and while the variables hold their averages. @internal */
  checkUsable(): void {
    this.checkAlive();
    this.#run.turn.check(this.getClassName());
  }
}

const TOO_LATE = "excludeFromWeightDecay() must come before the first step. Call it first.";
