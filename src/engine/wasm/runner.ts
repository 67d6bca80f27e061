// Runs steps: prepares them as tables of rows, group.ts, and runs one kernel over each. Where arrays lie is the business
// of whoever hands over the workspace.
import type { Row, Step } from "../engine.js";
import { replaceSums } from "../row-scalars.js";
import { Group } from "./group.js";
import type { Workspace } from "./workspace.js";

/** The rows of a step as groups; null while they are being made. */
interface Prepared<A> {
  rows: readonly Row<A>[] | null;
  groups: Group<A>[];
}

export class Runner<A> {
  readonly #workspaceOf: (row: Row<A>) => Workspace<A>;
  readonly #prepared = new WeakMap<Step<A>, Prepared<A>>();
  /** The rows' own scalars, and the sums that they are made of. */
  #own: Float64Array = new Float64Array();

  /** `workspaceOf` says in which memory a row is computed. */
  constructor(workspaceOf: (row: Row<A>) => Workspace<A>) {
    this.#workspaceOf = workspaceOf;
  }

  /** Whatever can fail fails before anything changes. */
  run(step: Step<A>): void {
    const groups = this.#groupsFor(step);
    for (const group of groups) group.prepare();
    this.#sumNorms(step, groups);
    let from = 0;
    for (const group of groups) {
      group.step(step.scalars, this.#own, from);
      from += group.rows.length;
    }
  }

  /** This step will not run again. */
  release(step: Step<A>): void {
    for (const group of this.#prepared.get(step)?.groups ?? []) group.free();
    this.#prepared.delete(step);
  }

  /** Whether every element of every gradient is finite. */
  allFinite(step: Step<A>): boolean {
    for (const group of this.#groupsFor(step)) {
      if (!group.has("nonFinite")) continue;
      const sums = this.#numbersFor(group.rows.length);
      group.sum("nonFinite", step.scalars, sums, 0);
      for (let i = 0; i < group.rows.length; i++) if (sums[i] !== 0) return false;
    }
    return true;
  }

  /** Nothing to do when the rows are those of before. */
  #groupsFor(step: Step<A>): readonly Group<A>[] {
    const known = this.#prepared.get(step) ?? { rows: null, groups: [] };
    if (known.rows === step.rows && known.groups.every(isCurrent)) return known.groups;
    this.#prepared.set(step, known);
    known.rows = null; // in case that what follows fails
    known.groups = this.#groupsOf(step.rows, known.groups);
    known.rows = step.rows;
    return known.groups;
  }

  /** Neighbouring rows of one plan, scalars and memory become a group; groups of before are filled again. */
  #groupsOf(rows: readonly Row<A>[], reusable: readonly Group<A>[]): Group<A>[] {
    const groups: Group<A>[] = [];
    for (let start = 0; start < rows.length; ) {
      const first = rows[start] as Row<A>; // an index of the list
      const workspace = this.#workspaceOf(first);
      let next = start + 1;
      while (isLike(first, rows[next]) && this.#workspaceOf(rows[next] as Row<A>) === workspace) next++; // there is one
      const group = reusable[groups.length];
      const usable = group?.workspace === workspace ? group : new Group(workspace);
      if (usable !== group) group?.free();
      usable.take(start === 0 && next === rows.length ? rows : rows.slice(start, next));
      groups.push(usable);
      start = next;
    }
    for (const group of reusable.slice(groups.length)) group.free();
    return groups;
  }

  #sumNorms({ rows, scalars }: Step<A>, groups: readonly Group<A>[]): void {
    let from = 0;
    let sums: Float64Array | null = null;
    for (const group of groups) {
      if (group.has("square")) {
        sums ??= this.#numbersFor(rows.length);
        group.sum("square", scalars, sums, from);
      }
      from += group.rows.length;
    }
    if (sums !== null) replaceSums(rows, scalars, sums);
  }

  #numbersFor(rows: number): Float64Array {
    if (this.#own.length < rows) this.#own = new Float64Array(2 * rows);
    return this.#own;
  }
}

const isLike = (a: Row<unknown>, b: Row<unknown> | undefined): boolean => a.plan === b?.plan && a.scalars === b.scalars;

const isCurrent = (group: { readonly isCurrent: boolean }): boolean => group.isCurrent;
