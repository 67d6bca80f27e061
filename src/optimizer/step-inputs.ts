// The arguments of one apply, checked as a whole: which variables, in which order, with which gradients. What one
// gradient may be is in gradients.ts.
import type { CoreArray, CoreEngine, Storage } from "../engine/engine.js";
import { checkArray } from "./checks.js";
import { badKind, badValue, Described } from "./errors.js";
import { type Gradient, gradientArray } from "./gradients.js";
import type { NestedNumbers } from "./nested.js";
import { Overlap } from "./overlap.js";
import { checkAlive, type VariableLike } from "./targets.js";
import type { Target, Trainer } from "./trainer.js";
import { disposalsSoFar, fittingNumbers, Variable, type VariableValue } from "./variable.js";
import { warnOnce } from "./warn.js";

interface LastCall {
  readonly gradients: readonly unknown[];
  readonly variables: readonly unknown[] | undefined;
  readonly indices: readonly number[];
  readonly disposals: number;
}

/** Turns arguments into indices and arrays. Its lists are kept from step to step, so that a step allocates nothing. */
export class StepInputs {
  readonly #owner: string;
  readonly #engine: CoreEngine;
  readonly #trainer: Trainer<CoreArray>;
  readonly #all: number[];
  readonly #picked: number[] = [];
  readonly #seen: Uint32Array;
  #stamp = 0;
  readonly #scratch: CoreArray[] = [];
  readonly #overlap: Overlap;
  readonly #allVariables: boolean;
  #last: LastCall | null = null;
  /** The arrays of the last `resolve`, `null` where there is no gradient. */
  readonly gradients: (CoreArray | null)[] = [];

  constructor(owner: string, engine: CoreEngine, trainer: Trainer<CoreArray>) {
    this.#owner = owner;
    this.#engine = engine;
    this.#trainer = trainer;
    this.#all = trainer.targets.map((_, i) => i);
    this.#seen = new Uint32Array(trainer.targets.length);
    this.#overlap = new Overlap(trainer.targets);
    this.#allVariables = trainer.targets.every(({ key }) => key instanceof Variable);
  }

  /**
   * Whether these are the objects of the last `resolve`, all of them Variables and still alive. Then its indices and
   * arrays hold again.
   */
  repeats(gradients: readonly Gradient[], variables: readonly VariableLike[] | undefined): boolean {
    const last = this.#last;
    if (last === null || last.disposals !== disposalsSoFar()) return false;
    if (!isSame(last.gradients, gradients)) return false;
    return last.variables === variables || (!!last.variables && !!variables && isSame(last.variables, variables));
  }

  /** The indices of the last `resolve`. */
  get indices(): readonly number[] {
    return this.#last?.indices ?? [];
  }

  /** The indices of the variables, each with its gradient in `gradients`; or an error, and nothing has changed. */
  resolve(
    gradients: readonly (Gradient | Storage)[],
    variables: readonly VariableLike[] | undefined,
  ): readonly number[] {
    this.#last = null;
    this.checkAlive();
    const indices = variables === undefined ? this.#all : this.indicesOf(variables);
    checkCount(this.#owner, "gradients", gradients, indices.length);
    let missing = 0;
    for (let i = 0; i < indices.length; i++) {
      const array = this.#arrayOf(gradients[i] as Gradient | Storage, i, indices[i] ?? 0);
      this.gradients[i] = array;
      if (array === null) missing++;
    }
    this.gradients.length = indices.length;
    if (missing > 0) this.#reportMissing(indices, missing);
    this.#remember(gradients, variables, indices);
    return indices;
  }

  /** The indices of variables that the optimizer was built with, none twice. */
  indicesOf(variables: readonly VariableLike[]): readonly number[] {
    checkArray(this.#owner, "variables", variables, "Pass [variable], even for one.");
    const stamp = ++this.#stamp;
    this.#picked.length = 0;
    for (let i = 0; i < variables.length; i++) {
      const index = this.#trainer.indexOf(variables[i] as object);
      if (index < 0) throw this.#unknown(variables[i], i);
      if (this.#seen[index] === stamp) throw this.#twice(index, i);
      this.#seen[index] = stamp;
      this.#picked.push(index);
    }
    return this.#picked;
  }

  /** Throws when one of the variables is gone: a step may touch them all. */
  checkAlive(): void {
    const { targets } = this.#trainer;
    for (let i = 0; i < targets.length; i++) checkAlive(this.#owner, targets[i] as Target<CoreArray>);
  }

  dispose(): void {
    for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
  }

  #remember(
    gradients: readonly (Gradient | Storage)[],
    variables: readonly VariableLike[] | undefined,
    indices: readonly number[],
  ): void {
    // Other arrays have to be looked at each time; so has what was copied.
    const inPlace = gradients.every(
      (gradient, i) => gradient instanceof Variable && gradient.storage === this.gradients[i],
    );
    if (!inPlace || !this.#allVariables) return;
    this.#last = {
      gradients: gradients.slice(),
      variables: variables?.slice(),
      indices: indices.slice(),
      disposals: disposalsSoFar(),
    };
  }

  #arrayOf(gradient: Gradient | Storage, position: number, index: number): CoreArray | null {
    const target = this.#trainer.targets[index];
    if (target === undefined) return null;
    const array = gradientArray(this.#owner, position, gradient, target);
    if (array === undefined) return this.#parsed(gradient as NestedNumbers, position, target, index);
    if (array === null || !this.#overlap.disturbs(array, index)) return array;
    const copy = this.#scratchFor(target, index);
    this.#engine.copy(array, copy);
    return copy;
  }

  /** Numbers and nested arrays, copied to an array that is kept for the next step. */
  #parsed(gradient: NestedNumbers, position: number, target: Target<CoreArray>, index: number): CoreArray {
    const fit = { name: target.name, shape: target.shape, size: target.array.length };
    const values = fittingNumbers(this.#owner, `gradients[${position}]`, gradient, fit);
    const array = this.#scratchFor(target, index);
    this.#engine.write(array, values);
    return array;
  }

  #scratchFor(target: Target<CoreArray>, index: number): CoreArray {
    this.#scratch[index] ??= this.#engine.zeros(target, `${target.name}_gradient`);
    return this.#scratch[index];
  }

  #reportMissing(indices: readonly number[], missing: number): void {
    if (missing === indices.length) {
      const remedy = "At least one variable needs one: check that the loss depends on the variables.";
      const requirement = "not all be null";
      throw badValue({ owner: this.#owner, argument: "gradients", requirement, received: this.gradients, remedy });
    }
    const names = indices
      .filter((_, i) => this.gradients[i] === null)
      .map((index) => this.#trainer.targets[index]?.name);
    warnOnce(`${this.#owner}: no gradients for ${names.join(", ")}; these variables stay as they are.`);
  }

  #unknown(received: unknown, position: number): Error {
    const argument = `variables[${position}]`;
    const requirement = "be one that the optimizer was built with";
    const remedy = `It knows ${this.#trainer.targets.map(({ name }) => name).join(", ")}. Make another optimizer for new variables.`;
    const complaint = { owner: this.#owner, argument, requirement, received, remedy };
    return typeof received === "object" && received !== null ? badValue(complaint) : badKind(complaint);
  }

  #twice(index: number, position: number): RangeError {
    const received = this.#trainer.targets[index]?.name;
    const requirement = "not be there twice";
    const remedy = "Add up its gradients and pass it once.";
    return badValue({ owner: this.#owner, argument: `variables[${position}]`, requirement, received, remedy });
  }
}

/** Throws unless `list` is an array of so many items. */
export function checkCount(owner: string, argument: string, list: readonly unknown[], count: number): void {
  checkArray(owner, argument, list, "Pass one item for each variable, in their order.");
  if (list.length === count) return;
  const remedy = "Pass one for each variable, in their order; null for a gradient that is missing.";
  throw badValue({
    owner,
    argument,
    requirement: `have ${count} items`,
    received: new Described(`${list.length} items`),
    remedy,
  });
}

/** Copies of values, one for each variable, as flat numbers; or an error that names the one that does not fit. */
export function valuesFor(
  owner: string,
  targets: readonly Target<CoreArray>[],
  values: readonly VariableValue[],
): number[][] {
  checkCount(owner, "trainableVariables", values, targets.length);
  return targets.map(({ name, shape, array }, i) => {
    const fit = { name, shape, size: array.length };
    return Array.from(fittingNumbers(owner, `trainableVariables[${i}]`, values[i] ?? [], fit));
  });
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
