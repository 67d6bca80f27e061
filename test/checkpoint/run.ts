// A run that can be repeated from any step on. No test framework: child processes use it, too.
import { type AnyOptimizer, Variable, type VariableLike } from "rmsprop";
import { numbersOf, stateOf, valuesOf } from "../contract/states.js";

/** A run whose gradients depend on nothing but the step. */
export class Run {
  readonly optimizer: AnyOptimizer;
  readonly variables: VariableLike[];
  readonly #factor: (step: number) => number;

  constructor(optimizer: AnyOptimizer, variables: VariableLike[], factor: (step: number) => number = () => 1) {
    this.optimizer = optimizer;
    this.variables = variables;
    this.#factor = factor;
  }

  train(from: number, steps: number): void {
    for (let step = from; step < from + steps; step++) {
      const gradients = this.variables.map((variable, i) =>
        numbersOf(100 * step + i, valuesOf(variable).length).map((value) => value * this.#factor(step)),
      );
      this.optimizer.apply(gradients, this.variables);
    }
  }

  state(): Record<string, string> {
    return stateOf(this.optimizer, this.variables);
  }
}

export function fresh(): Variable[] {
  return [7, 130, 1].map((length, i) => new Variable(numbersOf(i, length), { name: `v${i}` }));
}
