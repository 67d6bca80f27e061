// Rows that share a plan, as tables that stay in memory: a step over the same arrays writes nothing but scalars.
import type { Summand } from "../../rule/norm.js";
import type { Plan } from "../../rule/plan.js";
import type { Row, ScalarsByType } from "../engine.js";
import type { Kernel } from "./kernels.js";
import { Sums } from "./sums.js";
import { Table } from "./table.js";
import type { Workspace } from "./workspace.js";

/** Elements of one row when threads share a table: a few cache lines would do, but each row has to be fetched. */
const CHUNK = 16_384;

interface PreparedSums<A> {
  readonly kernel: Kernel;
  readonly sums: Sums<A>;
}

export class Group<A> {
  readonly workspace: Workspace<A>;
  readonly #table: Table;
  readonly #sums = new Map<Summand, PreparedSums<A>>();
  #rows: readonly Row<A>[] = [];
  #threads = 0;
  /** The first table row of each row, -1 for one that has to be staged. */
  readonly #firsts: number[] = [];
  /** Of the row at hand. */
  readonly #addresses: number[] = [];
  #kernel: Kernel | null = null;
  #staged = 0;

  constructor(workspace: Workspace<A>) {
    this.workspace = workspace;
    this.#table = new Table(workspace.memory);
  }

  get rows(): readonly Row<A>[] {
    return this.#rows;
  }

  /** Whether it was filled for the present number of threads. */
  get isCurrent(): boolean {
    return this.#threads === this.workspace.dispatcher.threads;
  }

  /** Whether there is anything to sum. */
  has(summand: Summand): boolean {
    return hasSum(summand, (this.#rows[0] as Row<A>).plan);
  }

  /** Takes over rows of one plan. Whatever can fail fails here. */
  fill(rows: readonly Row<A>[]): void {
    const { plan } = rows[0] as Row<A>;
    const { threads } = this.workspace.dispatcher;
    this.#rows = rows;
    this.#threads = threads;
    this.#kernel = this.workspace.kernels.step(plan);
    this.workspace.dispatcher.prepare(this.#kernel);
    this.#firsts.length = 0;
    this.#staged = 0;
    const chunk = threads > 1 ? CHUNK : Number.POSITIVE_INFINITY;
    let needed = 0;
    for (const row of rows) needed += 1 + (threads > 1 ? Math.ceil(this.#lengthOf(row) / CHUNK) : 0);
    this.#table.reserve(needed, plan.arrays.length);
    this.#table.begin(plan.dtype, plan.arrays.length);
    for (const row of rows) this.#append(row, chunk);
    if (this.#staged > 0) this.workspace.stager?.reserve(plan);
    for (const [summand, prepared] of this.#sums) {
      if (hasSum(summand, plan)) this.#prepareSums(summand, prepared);
      else this.#freeSums(summand, prepared);
    }
  }

  /** Sums every row; the sums stand in `into` from `from` on. */
  sum(summand: Summand, scalars: ScalarsByType, into: Float64Array, from: number): void {
    const { dispatcher, stager } = this.workspace;
    const { plan } = this.#rows[0] as Row<A>;
    const { kernel, sums } = this.#sums.get(summand) ?? this.#prepareSums(summand);
    this.workspace.scalars.write(plan, scalars[plan.dtype]);
    dispatcher.run(kernel, sums.table);
    sums.rewind();
    const { own } = sums.table;
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i] as Row<A>;
      if (this.#isStaged(i)) into[from + i] = stager?.sum(summand, row, kernel) ?? Number.NaN;
      else sums.storeNext(row, own, into, from + i);
    }
  }

  /** Steps every row; `own` holds the rows' own scalars from `from` on. */
  step(scalars: ScalarsByType, own: Float64Array, from: number): void {
    const { plan } = this.#rows[0] as Row<A>;
    this.workspace.scalars.write(plan, scalars[plan.dtype]);
    if (plan.rowScalar !== null) this.#setOwn(own, from);
    this.workspace.dispatcher.run(this.#kernel as Kernel, this.#table);
    if (this.#staged === 0) return;
    for (let i = 0; i < this.#rows.length; i++) {
      if (!this.#isStaged(i)) continue;
      this.workspace.stager?.step(this.#rows[i] as Row<A>, own[from + i] ?? 0, this.#kernel as Kernel);
    }
  }

  free(): void {
    this.#table.free();
    for (const [summand, prepared] of this.#sums) this.#freeSums(summand, prepared);
  }

  /** Makes, or fills again, the table of sums over the same rows. Whatever can fail fails here. */
  #prepareSums(summand: Summand, known: PreparedSums<A> | null = null): PreparedSums<A> {
    const { memory, placement, kernels, dispatcher } = this.workspace;
    const { plan } = this.#rows[0] as Row<A>;
    const kernel = kernels.sum(summand, plan);
    dispatcher.prepare(kernel);
    const sums = known?.sums ?? new Sums(memory, placement);
    sums.reserve(this.#rows);
    sums.begin(summand, plan);
    this.#rows.forEach((row, i) => {
      if (!this.#isStaged(i)) sums.add(summand, row);
    });
    const prepared = { kernel, sums };
    this.#sums.set(summand, prepared);
    return prepared;
  }

  #freeSums(summand: Summand, { sums }: PreparedSums<A>): void {
    sums.table.free();
    this.#sums.delete(summand);
  }

  #append(row: Row<A>, chunk: number): void {
    const { arrays } = row;
    const { placement, stager } = this.workspace;
    if (stager !== null && arrays.some((array) => placement.addressOf(array) < 0)) {
      this.#firsts.push(-1);
      this.#staged++;
      return;
    }
    this.#firsts.push(this.#table.rows);
    this.#addresses.length = arrays.length;
    for (let i = 0; i < arrays.length; i++) this.#addresses[i] = placement.addressOf(arrays[i] as A);
    const length = this.#lengthOf(row);
    for (let start = 0; start < length; start += chunk) {
      this.#table.row(Math.min(chunk, length - start), this.#addresses, start);
    }
  }

  #setOwn(own: Float64Array, from: number): void {
    const { own: numbers, ownStride } = this.#table;
    for (let i = 0; i < this.#firsts.length; i++) {
      const first = this.#firsts[i] ?? -1;
      if (first < 0) continue;
      for (let at = first; at < this.#endOf(i); at++) numbers[at * ownStride] = own[from + i] ?? 0;
    }
  }

  /** The table row after the last one of a row. */
  #endOf(index: number): number {
    for (let i = index + 1; i < this.#firsts.length; i++) if ((this.#firsts[i] ?? -1) >= 0) return this.#firsts[i] ?? 0;
    return this.#table.rows;
  }

  #isStaged(index: number): boolean {
    return this.#firsts[index] === -1;
  }

  #lengthOf({ arrays }: Row<A>): number {
    return arrays.length === 0 ? 0 : this.workspace.placement.lengthOf(arrays[0] as A);
  }
}

function hasSum(summand: Summand, plan: Plan): boolean {
  return summand === "square" ? plan.rowScalar !== null : plan.gradientAt >= 0;
}
