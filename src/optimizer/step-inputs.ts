// The arguments of one apply: which variables, in which order, with which gradients. They are read once, since getters,
// proxies and arrays of arrays may be code of the user's; then they are checked as a whole, and no such code runs any more.
// What one gradient may be is in gradients.ts.

import type { CoreArray, CoreEngine } from "../engine/engine.js";
import { type Gradient, gradientArray, isNumbers, Parsed, type TakenGradient, taken } from "./gradients.js";
import { checkCount, NamedInputs } from "./named-inputs.js";
import { Overlap } from "./overlap.js";
import { checkAlive, type VariableLike } from "./targets.js";
import type { Target, Trainer } from "./trainer.js";
import { disposalsSoFar, fittingNumbers, Variable, type VariableValue } from "./variable.js";

/** Turns arguments into indices and arrays. Its lists are kept from step to step, so that a step allocates nothing. */
export class StepInputs extends NamedInputs {
  readonly #engine: CoreEngine;
  readonly #trainer: Trainer<CoreArray>;
  readonly #scratch: CoreArray[] = [];
  readonly #overlap: Overlap;
  readonly #allVariables: boolean;
  // The call as it was read. It is kept for the next one only where that can be the same: see #repeats.
  readonly #gradients: unknown[] = [];
  readonly #variables: unknown[] = [];
  #namesVariables = false;
  readonly #taken: TakenGradient[] = [];
  #indices: readonly number[] = [];
  // The number of disposals when all of the call was found good, and it can be repeated; -1 where it cannot.
  #resolvedAt = -1;
  /** The arrays of the last `resolve`, `null` where there is no gradient. */
  readonly gradients: (CoreArray | null)[] = [];

  constructor(owner: string, engine: CoreEngine, trainer: Trainer<CoreArray>) {
    super(owner, trainer);
    this.#engine = engine;
    this.#trainer = trainer;
    this.#overlap = new Overlap(trainer.targets);
    this.#allVariables = trainer.targets.every(({ key }) => key instanceof Variable);
  }

  /** Reads the arguments of a call. Whatever the user's code does meanwhile is seen by `resolve`. */
  take(gradients: readonly (Gradient | TakenGradient)[], variables: readonly VariableLike[] | undefined): void {
    const resolvedAt = this.#resolvedAt;
    this.#resolvedAt = -1; // in case that reading fails
    const sameGradients = read(gradients, this.#gradients);
    const sameVariables = variables === undefined || read(this.checkedList(variables), this.#variables);
    if (resolvedAt >= 0 && sameGradients && sameVariables && this.#namesVariables === (variables !== undefined)) {
      this.#resolvedAt = resolvedAt;
      return;
    }
    this.#namesVariables = variables !== undefined;
    this.checkAlive();
    this.#indices = variables === undefined ? this.all : this.indicesOf(this.#variables as VariableLike[]);
    checkCount(this.owner, "gradients", this.#gradients, this.#indices.length);
    const { length } = this.#gradients;
    this.#taken.length = length;
    for (let i = 0; i < length; i++) this.#taken[i] = this.#takeOne(this.#gradients[i] as Gradient, i);
  }

  /** The indices of the variables, each with its gradient in `gradients`; or an error, and nothing has changed. */
  resolve(): readonly number[] {
    if (this.#resolvedAt === disposalsSoFar()) return this.#indices;
    this.#resolvedAt = -1;
    this.checkAlive();
    const indices = this.#indices;
    for (let i = 0; i < indices.length; i++) this.gradients[i] = this.#arrayOf(i, indices[i] ?? 0);
    this.gradients.length = indices.length;
    if (this.gradients.includes(null)) this.reportMissing(indices, this.gradients);
    if (this.#repeats()) this.#resolvedAt = disposalsSoFar();
    return indices;
  }

  /** Forgets a call that is over, unless the next one may be the same. */
  forget(): void {
    if (this.#resolvedAt >= 0) return;
    for (const list of [this.#gradients, this.#variables, this.#taken, this.gradients]) list.length = 0;
  }

  /** Throws when one of the variables is gone: a step may touch them all. */
  checkAlive(): void {
    const { targets } = this.#trainer;
    for (let i = 0; i < targets.length; i++) checkAlive(this.owner, targets[i] as Target<CoreArray>);
  }

  dispose(): void {
    for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
  }

  /** Other arrays than those of Variables have to be looked at each time; so has what was copied. */
  #repeats(): boolean {
    if (!this.#allVariables) return false;
    return this.#taken.every((gradient, i) => gradient instanceof Variable && gradient.storage === this.gradients[i]);
  }

  #takeOne(gradient: Gradient, position: number): TakenGradient {
    const target = this.#trainer.targets[this.#indices[position] ?? 0];
    if (target === undefined || !isNumbers(gradient)) return taken(this.#engine, gradient);
    return new Parsed(fittingNumbers(this.owner, `gradients[${position}]`, gradient, fitOf(target)));
  }

  #arrayOf(position: number, index: number): CoreArray | null {
    const target = this.#trainer.targets[index];
    const gradient = this.#taken[position] as TakenGradient;
    if (target === undefined) return null;
    if (gradient instanceof Parsed) return this.#written(gradient.numbers, target, index);
    const array = gradientArray(this.owner, position, gradient, target);
    if (array === null || !this.#overlap.disturbs(array, index)) return array;
    const copy = this.#scratchFor(target, index);
    this.#engine.copy(array, copy);
    return copy;
  }

  /** Numbers in an array that is kept for the next step. */
  #written(numbers: ArrayLike<number>, target: Target<CoreArray>, index: number): CoreArray {
    const array = this.#scratchFor(target, index);
    this.#engine.write(array, numbers);
    return array;
  }

  #scratchFor(target: Target<CoreArray>, index: number): CoreArray {
    this.#scratch[index] ??= this.#engine.zeros(target, `${target.name}_gradient`);
    return this.#scratch[index];
  }
}

/** Copies of values, one for each variable, as flat numbers; or an error that names the one that does not fit. */
export function valuesFor(
  owner: string,
  targets: readonly Target<CoreArray>[],
  values: readonly VariableValue[],
): number[][] {
  checkCount(owner, "trainableVariables", values, targets.length);
  return targets.map((target, i) =>
    Array.from(fittingNumbers(owner, `trainableVariables[${i}]`, values[i] ?? [], fitOf(target))),
  );
}

/** Reads each item of a list once, into one that is kept; whether all are those of before. */
function read(list: readonly unknown[], into: unknown[]): boolean {
  const { length } = list;
  let same = into.length === length;
  for (let i = 0; i < length; i++) {
    const item = list[i];
    if (into[i] === item) continue;
    same = false;
    into[i] = item;
  }
  if (!same) into.length = length;
  return same;
}

function fitOf({ name, shape, array }: Target<CoreArray>): Parameters<typeof fittingNumbers>[3] {
  return { name, shape, size: array.length };
}
