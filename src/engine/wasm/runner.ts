// Runs batches: prepares them as tables of rows, group.ts, and runs one kernel over each. Where arrays lie is the business
// of whoever hands over the workspace.
import type { Summand } from "../../rule/norm.js";
import { ScalarValues } from "../../rule/scalars.js";
import type { Batch, Row, ScalarsByType } from "../engine.js";
import { RowScalars } from "../row-scalars.js";
import type { FiniteBatch } from "./finite-batch.js";
import { Group } from "./group.js";
import type { Workspace } from "./workspace.js";

/** A batch as groups of rows, for one version of it. */
interface Prepared<A> {
  version: number;
  needsNorms: boolean;
  groups: Group<A>[];
}

export class Runner<A> {
  readonly #workspaceOf: (row: Row<A>) => Workspace<A>;
  readonly #prepared = new WeakMap<Batch<A>, Prepared<A>>();
  readonly #rowScalars = new RowScalars();
  /** The rows' own scalars, and the sums that they are made of. */
  #own: Float64Array = new Float64Array();

  /** `workspaceOf` says in which memory a row is computed. */
  constructor(workspaceOf: (row: Row<A>) => Workspace<A>) {
    this.#workspaceOf = workspaceOf;
  }

  /** One step. Whatever can fail fails before anything changes. */
  run(batch: Batch<A>, scalars: ScalarsByType): void {
    const prepared = this.#prepare(batch);
    if (prepared.needsNorms) this.#sumNorms(batch, prepared, scalars);
    let from = 0;
    for (const group of prepared.groups) {
      group.step(scalars, this.#own, from);
      from += group.rows.length;
    }
  }

  /** This batch will not run again. */
  release(batch: Batch<A>): void {
    for (const group of this.#prepared.get(batch)?.groups ?? []) group.free();
    this.#prepared.delete(batch);
  }

  /** Whether every element of every gradient is finite. */
  allFinite(batch: FiniteBatch<A>): boolean {
    for (const group of this.#prepare(batch, "nonFinite").groups) {
      const sums = this.#numbersFor(group.rows.length);
      group.sum("nonFinite", NO_SCALARS, sums, 0);
      for (let i = 0; i < group.rows.length; i++) if (sums[i] !== 0) return false;
    }
    return true;
  }

  /** Nothing to do when the batch is the one of before. */
  #prepare(batch: Batch<A>, summand: Summand = "square"): Prepared<A> {
    const known = this.#prepared.get(batch) ?? { version: -1, needsNorms: false, groups: [] };
    if (known.version === batch.version && known.groups.every(isCurrent)) return known;
    known.version = -1; // in case that what follows fails
    this.#prepared.set(batch, known);
    known.groups = this.#groupsOf(batch.rows, known.groups);
    if (summand === "nonFinite") for (const group of known.groups) group.prepareSums(summand);
    known.needsNorms = batch.rows.some(({ plan }) => plan.rowScalar !== null);
    known.version = batch.version;
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

  #sumNorms(batch: Batch<A>, { groups }: Prepared<A>, scalars: ScalarsByType): void {
    const own = this.#numbersFor(batch.rows.length);
    let from = 0;
    for (const group of groups) {
      if (group.rows[0]?.plan.rowScalar !== null) group.sum("square", scalars, own, from);
      from += group.rows.length;
    }
    this.#rowScalars.replaceSums(batch.rows, scalars, own);
  }

  #numbersFor(rows: number): Float64Array {
    if (this.#own.length < rows) this.#own = new Float64Array(2 * rows);
    return this.#own;
  }
}

const isCurrent = (group: { readonly isCurrent: boolean }): boolean => group.isCurrent;

const NO_SCALARS: ScalarsByType = {
  float32: new ScalarValues("float32", {}),
  float64: new ScalarValues("float64", {}),
};
