// A run over tensors: variables come with their first gradient, and go when they are disposed of.
import * as tf from "@tensorflow/tfjs-core";
import type { Config } from "../core/config.js";
import { type AnyRun, type Composition, type Face, Run } from "../core/run/run.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import type { StateVariable } from "../core/state/state.js";
import { stateVariables } from "../core/state/state-variables.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { checkBackend, forgetDisposed, warnOfVanishingEpsilon } from "./engine/backends.js";
import { createTensorEngine, type TensorEngine } from "./engine/engine.js";
import { checkTensorGradient, checkTensorVariable } from "./gradients.js";
import { SavedState } from "./state/saved-state.js";

export class TensorRun extends Run<tf.Variable, tf.Tensor | null, tf.Tensor, TensorEngine> {
  /** What is saved and restored, by name. */
  readonly saved: SavedState;

  constructor(
    definition: OptimizerDefinition,
    config: Config,
    compose: (engine: TensorEngine) => Composition<tf.Tensor> | undefined = () => undefined,
    createSaved: (run: TensorRun) => SavedState = (run) => new SavedState(run),
  ) {
    const engine = createTensorEngine();
    const composition = compose(engine);
    const parts = composition?.parts ?? null;
    super(definition, config, engine, (state) => faceOf(config, engine, state, () => this.saved, parts), composition);
    this.saved = createSaved(this);
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
    this.buildThen(this.saved.awaited(variables), () => this.saved.checkNothingWaits());
  }

  override dispose(): void {
    super.dispose();
    this.saved.dispose();
  }
}

type TensorFace = Face<tf.Variable, tf.Tensor | null, tf.Tensor | null, tf.Tensor, void>;

/** What is done in the way of tensors; `savedState` is there once the run is made. Of several optimizers, `parts` are the runs. */
function faceOf(
  { hyper }: Config,
  engine: TensorEngine,
  run: RunState<tf.Tensor>,
  savedState: () => SavedState,
  parts: readonly AnyRun[] | null,
): TensorFace {
  const named = run.argument("variable");
  return {
    isVariable: (value) => value instanceof tf.Variable,
    newcomers(variables) {
      forgetDisposed(run);
      for (const variable of variables) checkTensorVariable(named, variable);
      return [...new Set(variables.filter((variable) => run.indexOf(variable) < 0))];
    },
    targetsOf: (variables) => variables.map(targetOf),
    /** Gives new slots what waits for them. */
    opened(variables) {
      // Only in the first update Keras' average forgets the zero that it starts from.
      for (const variable of run.calls > 0 && parts === null ? variables : []) {
        const average = run.averageOf(run.indexOf(variable));
        if (average !== null) engine.copy(variable, average);
      }
      return savedState().giveTo(variables);
    },
    /** A variable whose model was disposed of takes its slots with it. */
    checkAlive: () => forgetDisposed(run),
    checkVariable: (variable) => checkTensorVariable(named, variable),
    steadied: (gradients) => gradients, // a list of our own
    arrayOf(gradient, _position, index) {
      const target = run.targets[index] as Target<tf.Tensor>; // an index of the list
      if (gradient !== null) checkTensorGradient(run, gradient, target);
      return gradient;
    },
    /** Gradients are new tensors in each step. */
    isSteady: () => false,
    run(step) {
      checkBackend(run, hyper.epsilon);
      for (const part of parts ?? []) warnOfVanishingEpsilon(part.className, part.config.hyper.epsilon);
      engine.run(step);
    },
    allFinite: (step) => engine.allFinite(step),
  };
}

function targetOf(variable: tf.Variable): Target<tf.Tensor> {
  const { name, shape } = variable;
  return { key: variable, name, shape, dtype: "float32", array: variable, overwriteWithGradient: false };
}
