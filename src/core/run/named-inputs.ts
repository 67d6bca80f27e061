// The variables of a call by their place in the optimizer, and what is said of arguments that do not fit. What an array may
// be is said by who takes it.
import { checkArray } from "../../check/arguments.js";
import { badKind, badValue, Verbatim } from "../../check/errors.js";
import { warnOnce } from "../../check/warn.js";
import type { RunState } from "./run-state.js";

export class NamedInputs {
  protected readonly owner: string;
  readonly #run: Pick<RunState<unknown>, "targets" | "indexOf">;
  /** The indices of all variables. */
  protected readonly all: readonly number[];
  readonly #picked: number[] = [];
  readonly #seen: Uint32Array;
  #stamp = 0;

  constructor(owner: string, run: Pick<RunState<unknown>, "targets" | "indexOf">) {
    this.owner = owner;
    this.#run = run;
    this.all = run.targets.map((_, i) => i);
    this.#seen = new Uint32Array(run.targets.length);
  }

  /** The indices of variables that the optimizer was built with, none twice. The list is kept for the next call. */
  indicesOf(variables: readonly object[]): readonly number[] {
    this.checkedList(variables);
    const stamp = ++this.#stamp;
    this.#picked.length = 0;
    for (let i = 0; i < variables.length; i++) {
      const index = this.#run.indexOf(variables[i] as object);
      if (index < 0) throw this.#unknown(variables[i], i);
      if (this.#seen[index] === stamp) throw this.#twice(index, i);
      this.#seen[index] = stamp;
      this.#picked.push(index);
    }
    return this.#picked;
  }

  /** Variables as an array, or an error. */
  protected checkedList<V>(variables: readonly V[]): readonly V[] {
    checkArray(this.owner, "variables", variables, "Pass [variable], even for one.");
    return variables;
  }

  /** For a list with nulls: an error when there is nothing else in it, else a warning that names the variables without one. */
  protected reportMissing(indices: readonly number[], gradients: readonly unknown[]): void {
    const missing = indices.filter((_, i) => gradients[i] === null);
    if (missing.length === indices.length) {
      const remedy = "At least one variable needs one: check that the loss depends on the variables.";
      const requirement = "not all be null";
      throw badValue({ owner: this.owner, argument: "gradients", requirement, received: gradients, remedy });
    }
    warnOnce(`${this.owner}: no gradients for ${this.#namesOf(missing)}; these variables stay as they are.`);
  }

  #unknown(received: unknown, position: number): Error {
    const argument = `variables[${position}]`;
    const requirement = "be one that the optimizer was built with";
    // Whoever passes a part of an array mostly makes it anew in each step.
    const advice = ArrayBuffer.isView(received)
      ? "Keep the array that it was built with and pass that object: subarray() makes another one each time."
      : "Make another optimizer for new variables.";
    const remedy = `It knows ${this.#namesOf(this.all)}. ${advice}`;
    const complaint = { owner: this.owner, argument, requirement, received, remedy };
    return typeof received === "object" && received !== null ? badValue(complaint) : badKind(complaint);
  }

  #twice(index: number, position: number): RangeError {
    const received = this.#run.targets[index]?.name;
    const requirement = "not be there twice";
    const remedy = "Add up its gradients and pass it once.";
    return badValue({ owner: this.owner, argument: `variables[${position}]`, requirement, received, remedy });
  }

  #namesOf(indices: readonly number[]): string {
    return indices.map((index) => this.#run.targets[index]?.name).join(", ");
  }
}

/** Throws unless `list` is an array of so many items. */
export function checkCount(owner: string, argument: string, list: readonly unknown[], count: number): void {
  checkArray(owner, argument, list, "Pass one item for each variable, in their order.");
  if (list.length === count) return;
  const remedy = "Pass one for each variable, in their order; null for a gradient that is missing.";
  const received = new Verbatim(`${list.length} items`);
  throw badValue({ owner, argument, requirement: `have ${count} items`, received, remedy });
}
