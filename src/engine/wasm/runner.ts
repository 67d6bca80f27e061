// Runs steps: prepares them as tables of rows, group.ts, and runs one kernel over each. Where arrays lie is the business
// of whoever hands over the workspace.
import type { Row, Step } from "../engine.js";
import { replaceSums, squareCount } from "../row-scalars.js";
import { Group } from "./group.js";
import type { Workspace } from "./workspace.js";

/** The rows of a step as groups. */
interface Prepared<A> {
  /** Null while the groups are being made. */
  rows: readonly Row<A>[] | null;
  groups: Group<A>[];
  /** For each row of the groups, one after the other, its place in `rows`; null where they stand as they do there. */
  places: readonly number[] | null;
  /** Rows that sum squares, which come first in `rows`. */
  summed: number;
}

/** Rows of one plan, scalars and memory, and their places in the step. */
interface Kind<A> {
  readonly workspace: Workspace<A>;
  readonly rows: Row<A>[];
  readonly places: number[];
}

export class Runner<A> {
  readonly #workspaceOf: (row: Row<A>) => Workspace<A>;
  readonly #prepared = new WeakMap<Step<A>, Prepared<A>>();
  /** The rows' own scalars in the order of the groups, and the sums that they are made of. */
  #own: Float64Array = new Float64Array();
  /** The same in the order of the step, where that is another one. */
  #inOrder: Float64Array = new Float64Array();

  /** `workspaceOf` says in which memory a row is computed. */
  constructor(workspaceOf: (row: Row<A>) => Workspace<A>) {
    this.#workspaceOf = workspaceOf;
  }

  /** Whatever can fail fails before anything changes. */
  run(step: Step<A>): void {
    const prepared = this.#preparedFor(step);
    for (const group of prepared.groups) group.prepare();
    this.#sumNorms(step, prepared);
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
    for (const group of this.#preparedFor(step).groups) {
      if (!group.has("nonFinite")) continue;
      const sums = this.#numbersFor(group.rows.length);
      group.sum("nonFinite", step.scalars, sums, 0);
      for (let i = 0; i < group.rows.length; i++) if (sums[i] !== 0) return false;
    }
    return true;
  }

  /** Nothing to do when the rows are those of before. */
  #preparedFor(step: Step<A>): Prepared<A> {
    const known = this.#prepared.get(step) ?? { rows: null, groups: [], places: null, summed: 0 };
    if (known.rows === step.rows && known.groups.every(isCurrent)) return known;
    this.#prepared.set(step, known);
    known.rows = null; // in case that what follows fails
    this.#fill(known, step.rows);
    known.summed = squareCount(step.rows);
    known.rows = step.rows;
    return known;
  }

  /** Groups of before are filled again. */
  #fill(prepared: Prepared<A>, rows: readonly Row<A>[]): void {
    const workspace = rows[0] && this.#workspaceOf(rows[0]);
    const isUniform = workspace !== undefined && this.#endOfRun(rows, 0, workspace) === rows.length;
    if (isUniform) {
      prepared.groups = groupsOf([{ workspace, rows }], prepared.groups);
      prepared.places = null;
      return;
    }
    const kinds = this.#kindsOf(rows);
    prepared.groups = groupsOf(kinds, prepared.groups);
    prepared.places = placesOf(kinds);
  }

  /** Alike rows come together wherever they stand: kernels and biases that take turns are two calls, not hundreds. */
  #kindsOf(rows: readonly Row<A>[]): Kind<A>[] {
    const kinds: Kind<A>[] = [];
    for (let start = 0; start < rows.length; ) {
      const first = rows[start] as Row<A>; // an index of the list
      const workspace = this.#workspaceOf(first);
      const known = kinds.find((kind) => isLike(first, kind.rows[0]) && kind.workspace === workspace);
      const { rows: own, places } = known ?? addedTo(kinds, workspace);
      const end = this.#endOfRun(rows, start, workspace);
      for (; start < end; start++) {
        own.push(rows[start] as Row<A>); // as above
        places.push(start);
      }
    }
    return kinds;
  }

  /** Where the neighbours end that are like the row at `start`. */
  #endOfRun(rows: readonly Row<A>[], start: number, workspace: Workspace<A>): number {
    const first = rows[start] as Row<A>; // an index of the list
    let end = start + 1;
    while (isLike(first, rows[end]) && this.#workspaceOf(rows[end] as Row<A>) === workspace) end++; // there is one
    return end;
  }

  /** Sums are taken by group; who wants them, and the norm of all, have them in the order of the step. */
  #sumNorms({ rows, scalars, squares }: Step<A>, { groups, places, summed }: Prepared<A>): void {
    if (summed === 0) return;
    const own = this.#numbersFor(rows.length);
    let from = 0;
    for (const group of groups) {
      if (group.has("square")) group.sum("square", scalars, own, from);
      from += group.rows.length;
    }
    const sums = places === null ? own : this.#ordered(own, places);
    squares?.take(sums, summed);
    replaceSums(rows, scalars, sums);
    if (places === null) return;
    for (let i = 0; i < rows.length; i++) own[i] = sums[places[i] as number] as number; // there is one for each row
  }

  #ordered(own: Float64Array, places: readonly number[]): Float64Array {
    if (this.#inOrder.length < places.length) this.#inOrder = new Float64Array(2 * places.length);
    for (let i = 0; i < places.length; i++) this.#inOrder[places[i] as number] = own[i] as number; // one for each row
    return this.#inOrder;
  }

  #numbersFor(rows: number): Float64Array {
    if (this.#own.length < rows) this.#own = new Float64Array(2 * rows);
    return this.#own;
  }
}

function addedTo<A>(kinds: Kind<A>[], workspace: Workspace<A>): Kind<A> {
  const kind: Kind<A> = { workspace, rows: [], places: [] };
  kinds.push(kind);
  return kind;
}

/** A group for each kind; those of before are filled again. */
function groupsOf<A>(
  kinds: readonly Pick<Group<A>, "workspace" | "rows">[],
  reusable: readonly Group<A>[],
): Group<A>[] {
  const groups = kinds.map(({ workspace, rows }, i) => {
    const group = reusable[i];
    const usable = group?.workspace === workspace ? group : new Group(workspace);
    if (usable !== group) group?.free();
    usable.take(rows);
    return usable;
  });
  for (const group of reusable.slice(kinds.length)) group.free();
  return groups;
}

function placesOf<A>(kinds: readonly Kind<A>[]): readonly number[] | null {
  const places = kinds.flatMap((kind) => kind.places);
  return places.every((place, i) => place === i) ? null : places;
}

const isLike = (a: Row<unknown>, b: Row<unknown> | undefined): boolean => a.plan === b?.plan && a.scalars === b.scalars;

const isCurrent = (group: { readonly isCurrent: boolean }): boolean => group.isCurrent;
