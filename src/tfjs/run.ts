// A run over tensors: variables come with their first gradient, and go when they are disposed of.
import * as tf from "@tensorflow/tfjs-core";
import type { Config } from "../core/config.js";
import type { Face } from "../core/run/face.js";
import { type Composition, Run, type RunOver, runOf } from "../core/run/run.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import type { StateVariable } from "../core/state/state.js";
import { stateVariables } from "../core/state/state-variables.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { LayerConstraints } from "./constraints/layer-constraints.js";
import { checkBackend, forgetDisposed, warnOfVanishingEpsilon } from "./engine/backends.js";
import { createTensorEngine, type TensorEngine } from "./engine/engine.js";
import { checkTensorGradient, checkTensorVariable } from "./gradients.js";
import { SavedState } from "./state/saved-state.js";

export class TensorRun extends Run<tf.Variable, tf.Tensor | null, tf.Tensor, TensorEngine> {
  /** What is saved and restored, by name. */
  readonly saved: SavedState;
  /** Of the layers of models that it was told of. */
  readonly constraints: LayerConstraints;

  constructor(
    definition: OptimizerDefinition,
    config: Config,
    compose: (engine: TensorEngine) => Composition<tf.Tensor> | undefined = () => undefined,
    createSaved: (run: TensorRun) => SavedState = (run) => new SavedState(run),
  ) {
    const engine = createTensorEngine();
    const composition = compose(engine);
    const parts = composition?.parts ?? null;
    super(definition, config, engine, (state) => faceOf(config, engine, state, () => this, parts), composition);
    this.saved = createSaved(this);
    this.constraints = new LayerConstraints(this.state);
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

  override flush(): boolean {
    this.checkUsable();
    if (this.state.gathered > 0) this.saved.checkNothingWaits("Make a step with every variable before flush().");
    return super.flush();
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

type TensorFace = Face<tf.Variable, tf.Tensor | null, tf.Tensor | null, tf.Tensor, void>;

/** What is done in the way of tensors; the run that is `made` is there later. Of several optimizers, `parts` are the runs. */
function faceOf(
  { hyper }: Config,
  engine: TensorEngine,
  run: RunState<tf.Tensor>,
  made: () => TensorRun,
  parts: readonly RunOver<tf.Tensor>[] | null,
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
      return made().saved.giveTo(variables);
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
    run(step, call) {
      checkBackend(run, hyper.epsilon);
      for (const part of parts ?? []) warnOfVanishingEpsilon(part.className, part.config.hyper.epsilon);
      made().constraints.during(call, (constraints) => engine.run(step, constraints));
    },
    allFinite: (step) => engine.allFinite(step),
  };
}

function targetOf(variable: tf.Variable): Target<tf.Tensor> {
  const { name, shape } = variable;
  return { key: variable, name, shape, dtype: "float32", array: variable, overwriteWithGradient: false };
}
