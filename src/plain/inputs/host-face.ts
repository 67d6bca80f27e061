// plain/inputs/: what users of plain numbers pass to a step, checked and turned into arrays of an engine.
//
// The arguments of a run over numbers in memory: gradients become arrays that a step can read, as they lie or copied where
// they have to be. What one gradient may be is in gradients.ts, what a variable may be in targets.ts.

import type { Argument } from "../../check/argument.js";
import { isFloats } from "../../check/built-ins.js";
import { type Config, clipOf } from "../../core/config.js";
import { type Call, checkCount } from "../../core/run/call.js";
import type { Face } from "../../core/run/face.js";
import type { RunState } from "../../core/run/run-state.js";
import type { Target } from "../../core/run/target.js";
import type { HostArray, HostEngine, Step } from "../../engine/engine.js";
import { HalfStorage } from "../../engine/half-storage.js";
import { constrain, isConstrained, mayThrow } from "../constraints.js";
import type { VariableValue } from "../variable.js";
import { isVariable, storageOf } from "../variable-memory.js";
import { type Gradient, gradientArray, Parsed, type SteadyGradient, steadied } from "./gradients.js";
import { Overlap } from "./overlap.js";
import { checkAlive, checkOneType, targetsOf, type VariableLike } from "./targets.js";
import { fitted, fittingNumbers } from "./values.js";

export class HostFace implements Face<VariableLike, Gradient, SteadyGradient, HostArray, void> {
  readonly #variables: Argument;
  readonly #gradients: Argument;
  readonly #config: Config;
  readonly #engine: HostEngine;
  readonly #run: RunState<HostArray>;
  #scratch: HostArray[] = [];
  /** Gradients in half precision, by variable: the same data again is the same object. */
  readonly #halves: HalfStorage[] = [];
  #overlap: Overlap | null = null;
  #allVariables = false;
  #constrained = false;
  /** With a constraint of the user's own, which may throw when everything else is done. */
  #mayFailLate = false;

  constructor(config: Config, engine: HostEngine, run: RunState<HostArray>) {
    this.#variables = run.argument("variables");
    this.#gradients = run.argument("gradients");
    this.#config = config;
    this.#engine = engine;
    this.#run = run;
  }

  isVariable(value: unknown): boolean {
    return isVariable(value) || isFloats(value);
  }

  targetsOf(variables: readonly VariableLike[]): Target<HostArray>[] {
    const targets = targetsOf(this.#variables, variables, this.#engine);
    if (clipOf(this.#config) === "globalNorm") checkOneType(this.#variables, targets);
    return targets;
  }

  opened(): () => void {
    const { targets } = this.#run;
    this.#overlap = new Overlap(this.#engine, this.#run);
    this.#allVariables = targets.every(({ key }) => isVariable(key));
    this.#constrained = targets.some(isConstrained);
    this.#mayFailLate = targets.some(mayThrow);
    return () => {
      for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
      this.#scratch = [];
      this.#halves.length = 0;
    };
  }

  checkAlive(): void {
    const { targets } = this.#run;
    // The index is one of the list.
    for (let i = 0; i < targets.length; i++) checkAlive(this.#run.className, targets[i] as Target<HostArray>);
  }

  steadied(gradients: readonly Gradient[]): SteadyGradient[] {
    return steadied(this.#gradients, this.#engine, gradients);
  }

  arrayOf(gradient: SteadyGradient, position: number, index: number): HostArray | null {
    const target = this.#run.targets[index] as Target<HostArray>; // an index of the list
    if (gradient instanceof Parsed) return this.#copied(gradient, position, target, index);
    const array = this.#known(gradientArray(this.#gradients, position, gradient, target), index);
    if (array === null || !this.#overlap?.disturbs(array, index)) return array;
    const copy = this.#scratchFor(target, index);
    this.#engine.copy(array, copy);
    return copy;
  }

  /** Other arrays than those of Variables have to be looked at each time; so has what was copied. */
  isSteady(gradient: SteadyGradient, array: HostArray | null): boolean {
    return this.#allVariables && isVariable(gradient) && storageOf(gradient) === array;
  }

  run(step: Step<HostArray>, call: Call<HostArray>): void {
    const undo = this.#mayFailLate ? this.#keep() : null;
    try {
      this.#engine.run(step);
      if (this.#constrained) constrain(this.#run.targets, call);
    } catch (error) {
      undo?.();
      throw error;
    }
  }

  allFinite(step: Step<HostArray>): boolean {
    return this.#engine.allFinite(step);
  }

  #known(array: HostArray | null, index: number): HostArray | null {
    if (!(array instanceof HalfStorage)) return array;
    const known = this.#halves[index];
    const isSame = known?.data === array.data && known.format === array.format && known.length === array.length;
    if (!isSame) this.#halves[index] = array;
    return isSame ? known : array;
  }

  /** Copies of all that a step changes. The result puts it back. */
  #keep(): () => void {
    const [putValuesBack, putStateBack] = [this.#run.keepValues(), this.#run.keepState()];
    return () => {
      putValuesBack();
      putStateBack();
    };
  }

  /** Numbers and nested arrays, copied to an array that is kept for the next step. */
  #copied({ numbers }: Parsed, position: number, target: Target<HostArray>, index: number): HostArray {
    const values = fitted(this.#gradients.at(position), numbers, target);
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
  argument: Argument,
  targets: readonly Target<HostArray>[],
  values: readonly VariableValue[],
): number[][] {
  const items = argument.items(values, "Pass one for each variable, in their order.");
  checkCount(argument, items, targets.length);
  return items.map((value, i) => {
    const target = targets[i] as Target<HostArray>; // there are as many
    return Array.from(fittingNumbers(argument.at(i), value, target));
  });
}
