// A run over Variables of this face: arguments, and steps on one of its engines.
import type { numpy as np } from "@jax-js/jax";
import { checkedItems } from "../check/arguments.js";
import { StateError } from "../check/errors.js";
import type { Config } from "../core/config.js";
import type { Call } from "../core/run/call.js";
import { type Face, Run } from "../core/run/run.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import type { Step } from "../engine/engine.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { type Cell, ENGINES, type JaxEngine, type JaxEngineName } from "./engine.js";
import { checkGradient, checkVariable, checkVariables } from "./gradients.js";
import { Variable } from "./variable.js";

/** A gradient: an array like its variable's, which is used up, or `null` for none. */
type Gradient = np.Array | null;

export type JaxRun = Run<Variable, Gradient, Cell, JaxEngine>;

export function createJaxRun(definition: OptimizerDefinition, config: Config, engine: JaxEngineName): JaxRun {
  const made = ENGINES[engine]();
  return new Run(definition, config, made, (state) => new JaxFace(made, state));
}

class JaxFace implements Face<Variable, Gradient, Gradient, Cell, void> {
  readonly #owner: string;
  readonly #engine: JaxEngine;
  readonly #run: RunState<Cell>;

  constructor(engine: JaxEngine, run: RunState<Cell>) {
    this.#owner = run.className;
    this.#engine = engine;
    this.#run = run;
  }

  isVariable(value: unknown): boolean {
    return value instanceof Variable;
  }

  targetsOf(variables: readonly Variable[]): Target<Cell>[] {
    checkVariables(this.#owner, variables);
    return variables.map((variable) => {
      const { name, shape, dtype, overwriteWithGradient } = variable;
      return { key: variable, name, shape, dtype, array: variable, overwriteWithGradient };
    });
  }

  checkAlive(): void {
    for (const { array, name } of this.#run.targets as readonly Target<Variable>[]) {
      if (array.isDisposed) {
        throw new StateError(this.#owner, `variable ${name} was disposed. Make a new optimizer without it.`);
      }
      array.checkFree();
    }
  }

  checkVariable(variable: unknown, position: number): void {
    checkVariable(this.#owner, variable, position);
  }

  steadied(gradients: readonly Gradient[]): Gradient[] {
    return checkedItems(this.#owner, "gradients", gradients, "Pass one gradient for each variable, in their order.");
  }

  arrayOf(gradient: Gradient, _position: number, index: number): Cell | null {
    if (gradient !== null) checkGradient(this.#owner, gradient, this.#run.targets[index] as Target<Cell>);
    return gradient;
  }

  isSteady(): boolean {
    return false;
  }

  /** Uses the gradients up. */
  run(step: Step<Cell>, { gradients }: Call<Cell>): void {
    this.#engine.run(step);
    for (const gradient of gradients as readonly Gradient[]) gradient?.dispose();
  }
}
