// plain/inputs/: what users of plain numbers pass to a step, checked and turned into arrays of an engine.
//
// The gradients of one step as arrays that it can read: as they lie, or copied where they have to be. What one gradient may
// be is in gradients.ts.

import { checkedItems } from "../../check/arguments.js";
import { type ArgumentReader, checkCount } from "../../core/run/call.js";
import type { RunState } from "../../core/run/run-state.js";
import type { Target } from "../../core/run/target.js";
import type { HostArray, HostEngine } from "../../engine/engine.js";
import { fitted, fittingNumbers, Variable, type VariableValue } from "../variable.js";
import { gradientArray, Parsed, type SteadyGradient } from "./gradients.js";
import { Overlap } from "./overlap.js";
import { checkAlive } from "./targets.js";

export class HostArguments implements ArgumentReader<SteadyGradient, HostArray> {
  readonly #owner: string;
  readonly #engine: HostEngine;
  readonly #targets: readonly Target<HostArray>[];
  readonly #scratch: HostArray[] = [];
  readonly #overlap: Overlap;
  readonly #allVariables: boolean;

  constructor(owner: string, engine: HostEngine, run: RunState<HostArray>) {
    this.#owner = owner;
    this.#engine = engine;
    this.#targets = run.targets;
    this.#overlap = new Overlap(engine, { targets: run.targets, slots: run.slots() });
    this.#allVariables = run.targets.every(({ key }) => Variable.isVariable(key));
  }

  checkAlive(): void {
    for (let i = 0; i < this.#targets.length; i++) checkAlive(this.#owner, this.#targets[i] as Target<HostArray>);
  }

  arrayOf(gradient: SteadyGradient, position: number, index: number): HostArray | null {
    const target = this.#targets[index] as Target<HostArray>;
    const array = gradientArray(this.#owner, position, gradient, target);
    if (array === undefined) return this.#parsed(gradient, position, target, index);
    if (array === null || !this.#overlap.disturbs(array, index)) return array;
    const copy = this.#scratchFor(target, index);
    this.#engine.copy(array, copy);
    return copy;
  }

  /** Other arrays than those of Variables have to be looked at each time; so has what was copied. */
  isSteady(gradient: SteadyGradient, array: HostArray | null): boolean {
    return this.#allVariables && Variable.isVariable(gradient) && Variable.memoryOf(gradient) === array;
  }

  dispose(): void {
    for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
  }

  /** Numbers and nested arrays, copied to an array that is kept for the next step. */
  #parsed(gradient: SteadyGradient, position: number, target: Target<HostArray>, index: number): HostArray {
    const fit = { name: target.name, shape: target.shape, size: target.array.length };
    const numbers = gradient instanceof Parsed ? gradient.numbers : { shape: [], values: [gradient as number] };
    const values = fitted(this.#owner, `gradients[${position}]`, numbers, fit);
    const array = this.#scratchFor(target, index);
    this.#engine.write(array, values);
    return array;
  }

  #scratchFor(target: Target<HostArray>, index: number): HostArray {
    this.#scratch[index] ??= this.#engine.zeros(target, `${target.name}_gradient`);
    return this.#scratch[index];
  }
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
