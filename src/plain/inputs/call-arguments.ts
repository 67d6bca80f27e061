// plain/inputs/: what users of plain numbers pass to a step, checked and turned into arrays of an engine.
//
// The arguments of one apply, checked as a whole: which variables, in which order, with which gradients. What one
// gradient may be is in gradients.ts.

import { checkedItems } from "../../check/arguments.js";
import { checkCount, NamedInputs } from "../../core/run/named-inputs.js";
import type { RunState } from "../../core/run/run-state.js";
import type { Target } from "../../core/run/target.js";
import type { HostArray, HostEngine } from "../../engine/engine.js";
import { disposalsSoFar, fitted, fittingNumbers, Variable, type VariableValue } from "../variable.js";
import { type Gradient, gradientArray, Parsed, type SteadyGradient } from "./gradients.js";
import { Overlap } from "./overlap.js";
import { checkAlive, type VariableLike } from "./targets.js";

/** The lists of a call, which are our own: nothing can change them any more. */
interface Call {
  readonly gradients: readonly SteadyGradient[];
  readonly variables: readonly VariableLike[] | undefined;
}

/** Turns arguments into indices and arrays. Its lists are kept from step to step, so that a step allocates nothing. */
export class CallArguments extends NamedInputs {
  readonly #engine: HostEngine;
  readonly #run: RunState<HostArray>;
  readonly #scratch: HostArray[] = [];
  readonly #overlap: Overlap;
  readonly #allVariables: boolean;
  // This call or, if that can come again, the last one.
  #call: Call | null = null;
  #indices: readonly number[] = [];
  // The number of disposals when a call that can come again was found good; -1 for none.
  #resolvedAt = -1;
  /** The arrays of the last `resolve`, `null` where there is no gradient. */
  readonly gradients: (HostArray | null)[] = [];

  constructor(owner: string, engine: HostEngine, run: RunState<HostArray>) {
    super(owner, run);
    this.#engine = engine;
    this.#run = run;
    this.#overlap = new Overlap(engine, { targets: run.targets, slots: run.slots() });
    this.#allVariables = run.targets.every(({ key }) => Variable.isVariable(key));
  }

  /** Whether these are the objects of the last call, all of them Variables: then there is nothing to take. */
  repeats(gradients: readonly Gradient[], variables: readonly VariableLike[] | undefined): boolean {
    const call = this.#call;
    if (call === null || !areSame(call.gradients, gradients)) return false;
    return call.variables === variables || (!!call.variables && !!variables && areSame(call.variables, variables));
  }

  /** Takes the lists of a call, which must not change any more. */
  take(gradients: readonly SteadyGradient[], variables: readonly VariableLike[] | undefined): void {
    this.#call = { gradients, variables };
    this.#resolvedAt = -1;
  }

  /** The indices of the variables, each with its gradient in `gradients`; or an error, and nothing has changed. */
  resolve(): readonly number[] {
    if (this.#resolvedAt === disposalsSoFar()) return this.#indices;
    this.#resolvedAt = -1;
    this.checkAlive();
    const { gradients = [], variables } = this.#call ?? {};
    const indices = variables === undefined ? this.all : this.indicesOf(variables);
    checkCount(this.owner, "gradients", gradients, indices.length);
    for (let i = 0; i < indices.length; i++) {
      this.gradients[i] = this.#arrayOf(gradients[i] as SteadyGradient, i, indices[i] ?? 0);
    }
    this.gradients.length = indices.length;
    if (this.gradients.includes(null)) this.reportMissing(indices, this.gradients);
    if (!this.#canComeAgain(gradients)) return indices;
    this.#indices = indices.slice(); // the list is another one when somebody else asks for indices
    this.#resolvedAt = disposalsSoFar();
    return this.#indices;
  }

  /** Forgets a call that is over, unless it can come again. */
  forget(): void {
    if (this.#resolvedAt >= 0) return;
    this.#call = null;
    this.gradients.length = 0;
  }

  /** Throws when one of the variables is gone: a step may touch them all. */
  checkAlive(): void {
    const { targets } = this.#run;
    for (let i = 0; i < targets.length; i++) checkAlive(this.owner, targets[i] as Target<HostArray>);
  }

  dispose(): void {
    this.#call = null;
    this.#resolvedAt = -1;
    for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
  }

  /** Other arrays than those of Variables have to be looked at each time; so has what was copied. */
  #canComeAgain(gradients: readonly SteadyGradient[]): boolean {
    if (!this.#allVariables) return false;
    return gradients.every(
      (gradient, i) => Variable.isVariable(gradient) && Variable.memoryOf(gradient) === this.gradients[i],
    );
  }

  #arrayOf(gradient: SteadyGradient, position: number, index: number): HostArray | null {
    const target = this.#run.targets[index];
    if (target === undefined) return null;
    const array = gradientArray(this.owner, position, gradient, target);
    if (array === undefined) return this.#parsed(gradient, position, target, index);
    if (array === null || !this.#overlap.disturbs(array, index)) return array;
    const copy = this.#scratchFor(target, index);
    this.#engine.copy(array, copy);
    return copy;
  }

  /** Numbers and nested arrays, copied to an array that is kept for the next step. */
  #parsed(gradient: SteadyGradient, position: number, target: Target<HostArray>, index: number): HostArray {
    const fit = { name: target.name, shape: target.shape, size: target.array.length };
    const numbers = gradient instanceof Parsed ? gradient.numbers : { shape: [], values: [gradient as number] };
    const values = fitted(this.owner, `gradients[${position}]`, numbers, fit);
    const array = this.#scratchFor(target, index);
    this.#engine.write(array, values);
    return array;
  }

  #scratchFor(target: Target<HostArray>, index: number): HostArray {
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
  targets: readonly Target<HostArray>[],
  values: readonly VariableValue[],
): number[][] {
  const items = checkedItems(owner, "trainableVariables", values, "Pass one for each variable, in their order.");
  checkCount(owner, "trainableVariables", items, targets.length);
  return items.map((value, i) => {
    const { name, shape, array } = targets[i] as Target<HostArray>; // there are as many
    const fit = { name, shape, size: array.length };
    return Array.from(fittingNumbers(owner, `trainableVariables[${i}]`, value, fit));
  });
}
