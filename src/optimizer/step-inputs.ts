// The arguments of one apply, checked as a whole: which variables, in which order, with which gradients. What one
// gradient may be is in gradients.ts.

import type { CoreArray, CoreEngine } from "../engine/engine.js";
import { checkedItems } from "./checks.js";
import { type Gradient, gradientArray, Parsed, type SteadyGradient } from "./gradients.js";
import { checkCount, NamedInputs } from "./named-inputs.js";
import { Overlap } from "./overlap.js";
import { checkAlive, type VariableLike } from "./targets.js";
import type { Target, Trainer } from "./trainer.js";
import { disposalsSoFar, fitted, fittingNumbers, Variable, type VariableValue } from "./variable.js";

interface LastCall {
  readonly gradients: readonly unknown[];
  readonly variables: readonly unknown[] | undefined;
  readonly indices: readonly number[];
  readonly disposals: number;
}

/** Turns arguments into indices and arrays. Its lists are kept from step to step, so that a step allocates nothing. */
export class StepInputs extends NamedInputs {
  readonly #engine: CoreEngine;
  readonly #trainer: Trainer<CoreArray>;
  readonly #scratch: CoreArray[] = [];
  readonly #overlap: Overlap;
  readonly #allVariables: boolean;
  #last: LastCall | null = null;
  /** The arrays of the last `resolve`, `null` where there is no gradient. */
  readonly gradients: (CoreArray | null)[] = [];

  constructor(owner: string, engine: CoreEngine, trainer: Trainer<CoreArray>) {
    super(owner, trainer);
    this.#engine = engine;
    this.#trainer = trainer;
    this.#overlap = new Overlap(engine, { targets: trainer.targets, slots: trainer.slots() });
    this.#allVariables = trainer.targets.every(({ key }) => Variable.isVariable(key));
  }

  /**
   * Whether these are the objects of the last `resolve`, all of them Variables and still alive. Then its indices and
   * arrays hold again.
   */
  repeats(gradients: readonly Gradient[], variables: readonly VariableLike[] | undefined): boolean {
    const last = this.#last;
    if (last === null || !areSame(last.gradients, gradients)) return false;
    const isSameList =
      last.variables === variables || (!!last.variables && !!variables && areSame(last.variables, variables));
    // Last, since to read a list may run code of the user's.
    return isSameList && last === this.#last && last.disposals === disposalsSoFar();
  }

  /** The indices of the last `resolve`. */
  get indices(): readonly number[] {
    return this.#last?.indices ?? [];
  }

  /**
   * The indices of the variables, each with its gradient in `gradients`; or an error, and nothing has changed. The lists are
   * the caller's own, and kept.
   */
  resolve(gradients: readonly SteadyGradient[], variables: readonly VariableLike[] | undefined): readonly number[] {
    this.#last = null;
    this.checkAlive();
    const indices = variables === undefined ? this.all : this.indicesOf(variables);
    checkCount(this.owner, "gradients", gradients, indices.length);
    for (let i = 0; i < indices.length; i++) {
      this.gradients[i] = this.#arrayOf(gradients[i] as SteadyGradient, i, indices[i] ?? 0);
    }
    this.gradients.length = indices.length;
    if (this.gradients.includes(null)) this.reportMissing(indices, this.gradients);
    this.#remember(gradients, variables, indices);
    return indices;
  }

  /** Throws when one of the variables is gone: a step may touch them all. */
  checkAlive(): void {
    const { targets } = this.#trainer;
    for (let i = 0; i < targets.length; i++) checkAlive(this.owner, targets[i] as Target<CoreArray>);
  }

  dispose(): void {
    this.#last = null;
    for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
  }

  #remember(
    gradients: readonly SteadyGradient[],
    variables: readonly VariableLike[] | undefined,
    indices: readonly number[],
  ): void {
    // Other arrays have to be looked at each time; so has what was copied.
    const inPlace = gradients.every(
      (gradient, i) => Variable.isVariable(gradient) && Variable.memoryOf(gradient) === this.gradients[i],
    );
    if (!inPlace || !this.#allVariables) return;
    this.#last = {
      gradients,
      variables,
      indices: indices.slice(),
      disposals: disposalsSoFar(),
    };
  }

  #arrayOf(gradient: SteadyGradient, position: number, index: number): CoreArray | null {
    const target = this.#trainer.targets[index];
    if (target === undefined) return null;
    const array = gradientArray(this.owner, position, gradient, target);
    if (array === undefined) return this.#parsed(gradient, position, target, index);
    if (array === null || !this.#overlap.disturbs(array, index)) return array;
    const copy = this.#scratchFor(target, index);
    this.#engine.copy(array, copy);
    return copy;
  }

  /** Numbers and nested arrays, copied to an array that is kept for the next step. */
  #parsed(gradient: SteadyGradient, position: number, target: Target<CoreArray>, index: number): CoreArray {
    const fit = { name: target.name, shape: target.shape, size: target.array.length };
    const numbers = gradient instanceof Parsed ? gradient.numbers : { shape: [], values: [gradient as number] };
    const values = fitted(this.owner, `gradients[${position}]`, numbers, fit);
    const array = this.#scratchFor(target, index);
    this.#engine.write(array, values);
    return array;
  }

  #scratchFor(target: Target<CoreArray>, index: number): CoreArray {
    this.#scratch[index] ??= this.#engine.zeros(target, `${target.name}_gradient`);
    return this.#scratch[index];
  }
}

/** As `isSame`, which also meets lists of numbers: a loop that sees all variables in each step is faster without them. */
function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Copies of values, one for each variable, as flat numbers; or an error that names the one that does not fit. */
export function valuesFor(
  owner: string,
  targets: readonly Target<CoreArray>[],
  values: readonly VariableValue[],
): number[][] {
  const items = checkedItems(owner, "trainableVariables", values, "Pass one for each variable, in their order.");
  checkCount(owner, "trainableVariables", items, targets.length);
  return items.map((value, i) => {
    const { name, shape, array } = targets[i] as Target<CoreArray>; // there are as many
    const fit = { name, shape, size: array.length };
    return Array.from(fittingNumbers(owner, `trainableVariables[${i}]`, value, fit));
  });
}
