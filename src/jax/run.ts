// A run over Variables of this face: arguments, and steps on one of its engines.

import type { numpy as np } from "@jax-js/jax";
import { StateError } from "../check/errors.js";
import type { Config } from "../core/config.js";
import type { Face } from "../core/run/face.js";
import { type Composition, Run, runOf } from "../core/run/run.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { type Cell, ENGINES, type JaxEngine, type JaxEngineName } from "./engine.js";
import { checkGradient, checkVariable, checkVariables } from "./gradients.js";
import { isArray } from "./tree.js";
import { checkFree, Variable } from "./variable.js";

/** A gradient: an array like its variable's, which is used up, or `null` for none. */
type Gradient = np.Array | null;

export type JaxRun = Run<Variable, Gradient, Cell, JaxEngine>;

export function createJaxRun(
  definition: OptimizerDefinition,
  config: Config,
  name: JaxEngineName,
  compose: (engine: JaxEngine) => Composition<Cell> | undefined = () => undefined,
): JaxRun {
  const engine = ENGINES[name]();
  return new Run(definition, config, engine, (state) => faceOf(engine, state), compose(engine));
}

/** The run of an optimizer of this face. */
export function jaxRunOf(optimizer: object): JaxRun {
  return runOf(optimizer) as JaxRun; // its class has made it
}

function faceOf(engine: JaxEngine, state: RunState<Cell>): Face<Variable, Gradient, Gradient, Cell, void> {
  const { className, argument } = state;
  return {
    isVariable: (value) => value instanceof Variable,
    targetsOf(variables) {
      checkVariables(argument("variables"), variables);
      return variables.map((variable) => {
        const { name, shape, dtype, overwriteWithGradient } = variable;
        return { key: variable, name, shape, dtype, array: variable, overwriteWithGradient };
      });
    },
    checkAlive() {
      // `targetsOf` makes no others.
      for (const { array, name } of state.targets as readonly Target<Variable>[]) {
        const problem = `variable ${name} was disposed. Make a new optimizer without it.`;
        if (array.disposed) throw new StateError(className, problem);
        checkFree(array);
      }
    },
    checkVariable: (variable, position) => checkVariable(argument("variables").at(position), variable),
    steadied: (gradients) =>
      argument("gradients").items(gradients, "Pass one gradient for each variable, in their order."),
    arrayOf(gradient, _position, index) {
      const target = state.targets[index] as Target<Cell>; // an index of the list
      if (gradient !== null) checkGradient(argument(`gradient of ${target.name}`), gradient, target);
      return gradient;
    },
    isSteady: () => false,
    /** Uses the gradients up. */
    run(step, { gradients }) {
      engine.run(step);
      for (const gradient of gradients) if (isArray(gradient)) gradient.dispose();
    },
    allFinite: (step) => engine.allFinite(step),
  };
}
