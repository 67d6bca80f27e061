// Rows that share a plan and scalars, as tables that stay in memory: a step over the same arrays writes nothing but scalars.
import type { Summand } from "../../rule/norm.js";
import type { Plan } from "../../rule/plan.js";
import type { Row, ScalarsByType } from "../engine.js";
import type { Kernel } from "./kernels.js";
import { sumOfBranches, writeBranches } from "./sums.js";
import { Table } from "./table.js";
import { lengthOfRow, type Workspace } from "./workspace.js";

/** Elements of one row when threads share a table: a few cache lines would do, but each row has to be fetched. */
const CHUNK = 16_384;

export class Group<A> {
  readonly workspace: Workspace<A>;
  readonly #table: Table;
  readonly #sumTables: Readonly<Record<Summand, Table>>;
  /** The kernels of those tables that are filled. */
  #sumKernels: Partial<Record<Summand, Kernel>> = {};
  #rows: readonly Row<A>[] = [];
  #threads = 0;
  /** How many table rows each row has. */
  #tableRows: readonly number[] = [];
  /** Which rows have arrays elsewhere; nothing where no array can be. */
  #staged: readonly boolean[] = [];
  #hasStaged = false;
  #kernel: Kernel | null = null;

  constructor(workspace: Workspace<A>) {
    const { memory } = workspace;
    this.workspace = workspace;
    this.#table = new Table(memory);
    this.#sumTables = { square: new Table(memory), nonFinite: new Table(memory) };
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
    return summand === "square" ? this.#plan.sumsSquares : this.#plan.gradientAt >= 0;
  }

  /** Takes over rows of one plan and the same scalars. */
  take(rows: readonly Row<A>[]): void {
    const { placement, dispatcher, stager } = this.workspace;
    const isElsewhere = (array: A): boolean => placement.addressOf(array) < 0;
    this.#rows = rows;
    this.#threads = dispatcher.threads;
    this.#sumKernels = {};
    this.#kernel = null;
    this.#staged = stager === null ? [] : rows.map(({ arrays }) => arrays.some(isElsewhere));
    this.#hasStaged = this.#staged.includes(true);
    if (this.#hasStaged) stager?.reserve(this.#plan, rows);
  }

  /** Makes the table of a step, if it has to be made. Whatever can fail fails here. */
  prepare(): void {
    if (this.#kernel !== null) return;
    const { placement, kernels } = this.workspace;
    const { dtype, arrays } = this.#plan;
    const chunk = this.#threads > 1 ? CHUNK : Number.POSITIVE_INFINITY;
    let needed = 0;
    for (const row of this.#rows) needed += 1 + Math.ceil(lengthOfRow(placement, row) / chunk);
    this.#table.reserve(needed, arrays.length);
    this.#table.begin(dtype, arrays.length);
    this.#tableRows = this.#rows.map((row, i) => (this.#isStaged(i) ? 0 : this.#append(row, chunk)));
    this.#kernel = this.#prepared(kernels.step(this.#plan));
  }

  /** Sums every row; the sums stand in `into` from `from` on. What can fail fails when rows are summed first. */
  sum(summand: Summand, ofStep: ScalarsByType, into: Float64Array, from: number): void {
    const { placement, dispatcher, stager } = this.workspace;
    const { dtype } = this.#plan;
    const table = this.#sumTables[summand];
    const kernel = this.#sumKernels[summand] ?? this.#fillSums(summand);
    this.workspace.scalars.write(this.#plan, (this.#first.scalars ?? ofStep)[dtype]);
    dispatcher.run(kernel, table);
    table.rewind();
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i] as Row<A>; // an index of the list
      into[from + i] = this.#isStaged(i)
        ? (stager?.sum(summand, row, kernel) ?? Number.NaN)
        : sumOfBranches(table, dtype, lengthOfRow(placement, row));
    }
  }

  /** Steps every row; `own` holds the rows' own scalars from `from` on. */
  step(ofStep: ScalarsByType, own: Float64Array, from: number): void {
    const kernel = this.#kernel as Kernel; // of the rows
    this.workspace.scalars.write(this.#plan, (this.#first.scalars ?? ofStep)[this.#plan.dtype]);
    if (this.#plan.rowScalar !== null) this.#setOwn(own, from);
    this.workspace.dispatcher.run(kernel, this.#table);
    if (!this.#hasStaged) return;
    for (let i = 0; i < this.#rows.length; i++) {
      // The index is one of the list.
      if (this.#isStaged(i)) this.workspace.stager?.step(this.#rows[i] as Row<A>, own[from + i] ?? 0, kernel);
    }
  }

  free(): void {
    for (const table of [this.#table, ...Object.values(this.#sumTables)]) table.free();
  }

  get #first(): Row<A> {
    return this.#rows[0] as Row<A>; // there is a row at least
  }

  get #plan(): Plan {
    return this.#first.plan;
  }

  #prepared(kernel: Kernel): Kernel {
    this.workspace.dispatcher.prepare(kernel);
    return kernel;
  }

  #fillSums(summand: Summand): Kernel {
    const kernel = this.#prepared(this.workspace.kernels.sum(summand, this.#plan));
    const inMemory = this.#rows.filter((_, i) => !this.#isStaged(i));
    writeBranches(this.#sumTables[summand], this.workspace.placement, summand, this.#plan, inMemory);
    this.#sumKernels[summand] = kernel;
    return kernel;
  }

  /** Returns how many table rows it has become. */
  #append(row: Row<A>, chunk: number): number {
    const { placement } = this.workspace;
    const addresses = row.arrays.map((array) => placement.addressOf(array));
    const { rows } = this.#table;
    const length = lengthOfRow(placement, row);
    for (let start = 0; start < length; start += chunk) {
      this.#table.row(Math.min(chunk, length - start), addresses, start);
    }
    return this.#table.rows - rows;
  }

  #setOwn(own: Float64Array, from: number): void {
    const { own: numbers, ownStride } = this.#table;
    let at = 0;
    for (let i = 0; i < this.#tableRows.length; i++) {
      const end = at + (this.#tableRows[i] ?? 0);
      for (; at < end; at++) numbers[at * ownStride] = own[from + i] ?? 0;
    }
  }

  #isStaged(index: number): boolean {
    return this.#staged[index] ?? false;
  }
}
