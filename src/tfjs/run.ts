// A run over tensors: variables come with their first gradient, and go when they are disposed of.
import * as tf from "@tensorflow/tfjs-core";
import { checkedItems } from "../check/arguments.js";
import type { Config } from "../core/config.js";
import { type Face, Run, runOf } from "../core/run/run.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import type { StateVariable } from "../core/state/state.js";
import { stateVariables } from "../core/state/state-variables.js";
import type { Step } from "../engine/engine.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { checkBackend } from "./engine/backends.js";
import { createTensorEngine, isAlive, type TensorEngine } from "./engine/engine.js";
import { checkTensorGradient, checkTensorVariable, type Pair } from "./gradients.js";
import { SavedState } from "./state/saved-state.js";

export class TensorRun extends Run<tf.Variable, tf.Tensor | null, tf.Tensor, TensorEngine> {
  /** What is saved and restored, by name. */
  readonly saved: SavedState;

  constructor(definition: OptimizerDefinition, config: Config) {
    const engine = createTensorEngine();
    super(definition, config, engine, (state) => new TensorFace(config, engine, state, () => this.saved));
    this.saved = new SavedState(this);
  }

  /** One step with these pairs. */
  apply(pairs: readonly Pair[], lossScale: number | null): void {
    this.step(...listsOf(pairs), lossScale);
  }

  /** As `apply`, if all gradients are finite; else nothing changes, and the result is false. */
  applyIfFinite(pairs: readonly Pair[], lossScale: number | null): boolean {
    return this.stepIfFinite(...listsOf(pairs), lossScale);
  }

  /** The variables, without those that were disposed of: their slots go with them. */
  override get variables(): tf.Variable[] {
    forgetDisposed(this.state);
    return super.variables;
  }

  /** Its own variables, without the slots of variables that were disposed of. */
  ownVariables(): StateVariable[] {
    forgetDisposed(this.state);
    return stateVariables(this.config.name, this.state, this.engine);
  }

  /**
   * Makes slots for those of the variables that values wait for, which setWeights() was given before their first step. Throws
   * a StateError when others are needed.
   */
  takeWaiting(variables: readonly tf.Variable[]): void {
    this.checkUsable();
    this.buildThen(this.saved.awaited(variables), () => this.saved.checkNothingWaits());
  }

  override dispose(): void {
    super.dispose();
    this.saved.dispose();
  }
}

/** The run of an optimizer of this face. */
export function tensorRunOf(optimizer: object): TensorRun {
  return runOf(optimizer) as TensorRun; // its class has made it
}

class TensorFace implements Face<tf.Variable, tf.Tensor | null, tf.Tensor | null, tf.Tensor, void> {
  readonly #owner: string;
  readonly #config: Config;
  readonly #engine: TensorEngine;
  readonly #run: RunState<tf.Tensor>;
  readonly #savedState: () => SavedState;

  constructor(config: Config, engine: TensorEngine, run: RunState<tf.Tensor>, savedState: () => SavedState) {
    this.#owner = run.className;
    this.#config = config;
    this.#engine = engine;
    this.#run = run;
    this.#savedState = savedState;
  }

  isVariable(value: unknown): boolean {
    return value instanceof tf.Variable;
  }

  newcomers(variables: readonly tf.Variable[]): tf.Variable[] {
    forgetDisposed(this.#run);
    for (const variable of variables) checkTensorVariable(this.#owner, variable);
    return [...new Set(variables.filter((variable) => this.#run.indexOf(variable) < 0))];
  }

  targetsOf(variables: readonly tf.Variable[]): Target<tf.Tensor>[] {
    return variables.map((variable) => {
      const { name, shape } = variable;
      return { key: variable, name, shape, dtype: "float32", array: variable, overwriteWithGradient: false };
    });
  }

  /** Gives new slots what waits for them. */
  opened(variables: readonly tf.Variable[]): () => void {
    // Only in the first update Keras' average forgets the zero that it starts from.
    for (const variable of this.#run.calls > 0 ? variables : []) {
      const average = this.#run.averageOf(this.#run.indexOf(variable));
      if (average !== null) this.#engine.copy(variable, average);
    }
    return this.#savedState().giveTo(variables);
  }

  /** A variable whose model was disposed of takes its slots with it. */
  checkAlive(): void {
    forgetDisposed(this.#run);
  }

  checkVariable(variable: unknown): void {
    checkTensorVariable(this.#owner, variable);
  }

  steadied(gradients: readonly (tf.Tensor | null)[]): (tf.Tensor | null)[] {
    return checkedItems(this.#owner, "gradients", gradients, "Pass one for each variable, in their order.");
  }

  arrayOf(gradient: tf.Tensor | null, _position: number, index: number): tf.Tensor | null {
    if (gradient !== null) checkTensorGradient(this.#owner, gradient, this.#run.targets[index] as Target<tf.Tensor>);
    return gradient;
  }

  /** Gradients are new tensors in each step. */
  isSteady(): boolean {
    return false;
  }

  run(step: Step<tf.Tensor>): void {
    checkBackend(this.#owner, this.#run, this.#config.hyper.epsilon);
    this.#engine.run(step);
  }

  allFinite(step: Step<tf.Tensor>): boolean {
    return this.#engine.allFinite(step);
  }

  checkAverages(): void {
    forgetDisposed(this.#run);
  }
}

function listsOf(pairs: readonly Pair[]): [gradients: (tf.Tensor | null)[], variables: tf.Variable[]] {
  return [pairs.map(({ gradient }) => gradient), pairs.map(({ variable }) => variable)];
}

function forgetDisposed(run: RunState<tf.Tensor>): void {
  run.remove(run.targets.filter(({ array }) => !isAlive(array)).map(({ key }) => key));
}
