// What a user passes to a step, as one object: the same arguments again give the same object, and whoever asks below
// whether it is the same call asks for that alone.
import { type Argument, type Arguments, Verbatim } from "../../check/argument.js";
import { warnOnce } from "../../check/warn.js";
import type { Targets } from "./target.js";

/** The variables of a step by their place in the optimizer, and their gradients as arrays of its engine; null for none. */
export interface Call<A> {
  readonly indices: readonly number[];
  readonly gradients: readonly (A | null)[];
}

/** What a face knows about the arguments of a step. */
export interface ArgumentReader<G, A> {
  /** Throws when one of the variables is gone: a step may touch them all. */
  checkAlive(): void;
  /** Throws what is wrong with a variable that the optimizer does not know, if it is none at all. */
  checkVariable?(variable: unknown, position: number): void;
  /** The array of a gradient for the variable of this index, null for none; or an error, and nothing has changed. */
  arrayOf(gradient: G, position: number, index: number): A | null;
  /** Whether it will be that array as long as nothing is disposed of. */
  isSteady(gradient: G, array: A | null): boolean;
}

/** Lists of arguments, which are our own: nothing can change them any more. */
interface Lists<G, V> {
  readonly gradients: readonly G[];
  readonly variables: readonly V[] | undefined;
}

let disposals = 0;

/** To be told of each variable that a user disposes of: as long as there is none, those that were alive are. */
export function countDisposal(): void {
  disposals++;
}

/** Sets of gradients that take turns. */
const MOST_CALLS = 4;

export class Calls<G, V extends object, A> {
  readonly #argument: Arguments;
  readonly #run: Targets;
  readonly #reader: ArgumentReader<G, A>;
  #targets: Targets["targets"] = [];
  /** The indices of all variables. */
  #all: readonly number[] = [];
  readonly #picked: number[] = [];
  #seen = new Uint32Array();
  #stamp = 0;
  #lists: Lists<G, V> | null = null;
  /** The last call, and before it those that can come again. */
  #known: readonly Call<A>[] = [];
  readonly #arrays: (A | null)[] = [];
  /** The number of disposals when lists that can come again were found good; -1 for none. */
  #resolvedAt = -1;

  constructor(argument: Arguments, run: Targets, reader: ArgumentReader<G, A>) {
    this.#argument = argument;
    this.#run = run;
    this.#reader = reader;
  }

  /** The variables that were taken; nothing for all of the optimizer's. */
  get variables(): readonly V[] | undefined {
    return this.#lists?.variables;
  }

  /** Whether these are the objects of the last step, and can be nothing else: then there is nothing to take. */
  repeats(gradients: readonly unknown[], variables: readonly V[] | undefined): boolean {
    const lists = this.#lists;
    if (this.#run.targets !== this.#targets || lists === null || !areSame(lists.gradients, gradients)) return false;
    return lists.variables === variables || (!!lists.variables && !!variables && areSame(lists.variables, variables));
  }

  /** Takes the lists of a step, which must not change any more. */
  take(gradients: readonly G[], variables: readonly V[] | undefined): void {
    this.#lists = { gradients, variables };
    this.#resolvedAt = -1;
  }

  /** What was taken, checked as a whole: the last call if it is that again. Runs no code of the user's. */
  resolve(): Call<A> {
    if (this.#resolvedAt === disposals) return this.#known[0] as Call<A>; // it was good, and nothing has gone since
    return this.#resolveAnew(); // a function of its own, whose closures cost nothing above
  }

  #resolveAnew(): Call<A> {
    this.#resolvedAt = -1;
    this.#reader.checkAlive();
    this.#lookAround();
    const { gradients = [], variables } = this.#lists ?? {};
    const indices = variables === undefined ? this.#all : this.indicesOf(variables);
    checkCount(this.#argument("gradients"), gradients, indices.length);
    const arrays = this.#arrays;
    arrays.length = indices.length;
    for (let i = 0; i < indices.length; i++) {
      arrays[i] = this.#reader.arrayOf(gradients[i] as G, i, indices[i] as number); // an index of the list
    }
    const call = this.#known.find((known) => areSame(known.gradients, arrays) && areSame(known.indices, indices)) ?? {
      indices: indices.slice(),
      gradients: arrays.slice(),
    };
    if (arrays.includes(null)) this.#reportMissing(call);
    const isSteady = gradients.every((gradient, i) => this.#reader.isSteady(gradient, arrays[i] ?? null));
    if (isSteady) this.#resolvedAt = disposals;
    if (call !== this.#known[0]) this.#remember(call, isSteady);
    return call;
  }

  /** Forgets lists that are over, unless they can come again. */
  forget(): void {
    if (this.#resolvedAt < 0) this.#lists = null;
  }

  /** The indices of variables that the optimizer was built with, none twice. The list is kept for the next call. */
  indicesOf(variables: readonly object[]): readonly number[] {
    this.#lookAround();
    const stamp = ++this.#stamp;
    this.#picked.length = 0;
    for (let i = 0; i < variables.length; i++) {
      const index = this.#run.indexOf(variables[i] as object); // an index of the list
      if (index < 0) throw this.#unknown(variables[i], i);
      if (this.#seen[index] === stamp) throw this.#twice(index, i);
      this.#seen[index] = stamp;
      this.#picked.push(index);
    }
    return this.#picked;
  }

  /** Looks whether the variables of the optimizer are others than before. */
  #lookAround(): void {
    const { targets } = this.#run;
    if (targets === this.#targets) return;
    this.#targets = targets;
    this.#all = targets.map((_, i) => i);
    this.#seen = new Uint32Array(targets.length);
    this.#known = [];
  }

  /** Gradients in memory of the user's may be new in each step: only the last ones are kept from the garbage collector. */
  #remember(call: Call<A>, isSteady: boolean): void {
    const others = this.#known.filter((known) => known !== call);
    this.#known = [call, ...(isSteady ? others : [])].slice(0, MOST_CALLS);
  }

  /** For a call with nulls: an error when there is nothing else in it, else a warning that names the variables without one. */
  #reportMissing({ indices, gradients }: Call<A>): void {
    const missing = indices.filter((_, i) => gradients[i] === null);
    const names = this.#namesOf(missing);
    if (missing.length === indices.length) {
      const remedy = "At least one variable needs one: check that the loss depends on the variables.";
      throw this.#argument("gradients").badValue("not all be null", new Verbatim(`null for ${names}`), remedy);
    }
    warnOnce(`${this.#argument("gradients").owner}: no gradients for ${names}; these variables stay as they are.`);
  }

  #unknown(received: unknown, position: number): Error {
    this.#reader.checkVariable?.(received, position);
    const requirement = "be one that the optimizer was built with";
    // Whoever passes a part of an array mostly makes it anew in each step.
    const advice = ArrayBuffer.isView(received)
      ? "Keep the array that it was built with and pass that object: subarray() makes another one each time."
      : "Make another optimizer for new variables.";
    const remedy = `It knows ${this.#namesOf(this.#all) || "none yet"}. ${advice}`;
    const argument = this.#argument("variables").at(position);
    return received === null
      ? argument.badKind(requirement, received, remedy)
      : argument.bad("object", requirement, received, remedy);
  }

  #twice(index: number, position: number): RangeError {
    const requirement = "not be there twice";
    const remedy = "Add up its gradients and pass it once.";
    return this.#argument("variables").at(position).badValue(requirement, this.#run.targets[index]?.name, remedy);
  }

  #namesOf(indices: readonly number[]): string {
    return indices.map((index) => this.#run.targets[index]?.name).join(", ");
  }
}

/** Throws unless `list` is an array of so many items. */
export function checkCount(argument: Argument, list: readonly unknown[], count: number): void {
  argument.array(list, "Pass one item for each variable, in their order.");
  if (list.length === count) return;
  const remedy = "Pass one for each variable, in their order; null for a gradient that is missing.";
  throw argument.badValue(`have ${count} items`, new Verbatim(`${list.length} items`), remedy);
}

/** As `isSame`, which also meets lists of numbers: a loop that sees all variables in each step is faster without them. */
function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
