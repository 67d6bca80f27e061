// Runs steps: prepares them as tables of rows, group.ts, and runs one kernel over each. Where arrays lie is the business
// of whoever hands over the workspace.
import type { Row, Step } from "../engine.js";
import { RowScalars } from "../row-scalars.js";
import { Group } from "./group.js";
import type { Workspace } from "./workspace.js";

/** The rows of a step as groups; null while they are being made. */
interface Prepared<A> {
  rows: readonly Row<A>[] | null;
  needsNorms: boolean;
  groups: Group<A>[];
}

export class Runner<A> {
  readonly #workspaceOf: (row: Row<A>) => Workspace<A>;
  readonly #prepared = new WeakMap<Step<A>, Prepared<A>>();
  readonly #rowScalars = new RowScalars();
  /** The rows' own scalars, and the sums that they are made of. */
  #own: Float64Array = new Float64Array();

  /** `workspaceOf` says in which memory a row is computed. */
  constructor(workspaceOf: (row: Row<A>) => Workspace<A>) {
    this.#workspaceOf = workspaceOf;
  }

  /** Whatever can fail fails before anything changes. */
  run(step: Step<A>): void {
    const prepared = this.#prepare(step);
    if (prepared.needsNorms) this.#sumNorms(step, prepared);
    let from = 0;
    for (const group of prepared.groups) {
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
    for (const group of this.#prepare(step).groups) {
      if (!group.has("nonFinite")) continue;
      const sums = this.#numbersFor(group.rows.length);
      group.sum("nonFinite", step.scalars, sums, 0);
      for (let i = 0; i < group.rows.length; i++) if (sums[i] !== 0) return false;
    }
    return true;
  }

  /** Nothing to do when the rows are those of before. */
  #prepare(step: Step<A>): Prepared<A> {
    const known = this.#prepared.get(step) ?? { rows: null, needsNorms: false, groups: [] };
    if (known.rows === step.rows && known.groups.every(isCurrent)) return known;
    known.rows = null; // in case that what follows fails
    this.#prepared.set(step, known);
    known.groups = this.#groupsOf(step.rows, known.groups);
    known.needsNorms = step.rows.some(({ plan }) => plan.rowScalar !== null);
    known.rows = step.rows;
    return known;
  }

  /** Neighbouring rows of one plan and memory become a group; groups of before are filled again. */
  #groupsOf(rows: readonly Row<A>[], reusable: readonly Group<A>[]): Group<A>[] {
    const groups: Group<A>[] = [];
    for (let start = 0; start < rows.length; ) {
      const first = rows[start] as Row<A>;
      const workspace = this.#workspaceOf(first);
      let next = start + 1;
      while (next < rows.length && this.#belongs(rows[next] as Row<A>, first, workspace)) next++;
      const group = reusable[groups.length];
      const usable = group?.workspace === workspace ? group : new Group(workspace);
      if (usable !== group) group?.free();
      usable.fill(start === 0 && next === rows.length ? rows : rows.slice(start, next));
      groups.push(usable);
      start = next;
    }
    for (const group of reusable.slice(groups.length)) group.free();
    return groups;
  }

  #belongs(row: Row<A>, { plan }: Row<A>, workspace: Workspace<A>): boolean {
    return row.plan === plan && this.#workspaceOf(row) === workspace;
  }

  #sumNorms({ rows, scalars }: Step<A>, { groups }: Prepared<A>): void {
    const own = this.#numbersFor(rows.length);
    let from = 0;
    for (const group of groups) {
      if (group.has("square")) group.sum("square", scalars, own, from);
      from += group.rows.length;
    }
    this.#rowScalars.replaceSums(rows, scalars, own);
  }

  #numbersFor(rows: number): Float64Array {
    if (this.#own.length < rows) this.#own = new Float64Array(2 * rows);
    return this.#own;
  }
}

const isCurrent = (group: { readonly isCurrent: boolean }): boolean => group.isCurrent;
