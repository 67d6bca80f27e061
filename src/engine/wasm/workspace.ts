// One memory and what works on it together: its kernels, and how arrays lie in it.
import type { Summand } from "../../rule/norm.js";
import type { Plan } from "../../rule/plan.js";
import type { Row } from "../engine.js";
import { type Kernel, WasmKernels } from "./kernels.js";
import type { LinearMemory } from "./memory/linear-memory.js";
import { ScalarTable } from "./table.js";
import { Dispatcher } from "./threads/dispatcher.js";
import { joinThreads } from "./threads/thread-count.js";

/** How arrays `A` lie in a memory. */
export interface Placement<A> {
  /** The address of an array in this memory, or -1 when it lies elsewhere. */
  addressOf(array: A): number;
  /** The number of its elements. */
  lengthOf(array: A): number;
}

/** The number of elements of each of a row's arrays. */
export function lengthOfRow<A>(placement: Placement<A>, { arrays }: Row<A>): number {
  return placement.lengthOf(arrays[0] as A); // it has an array at least
}

/** Computes rows with arrays that lie elsewhere. */
export interface Stager<A> {
  /** Makes room for rows of this plan, and whatever else these need. Throws MemoryError. */
  reserve(plan: Plan, rows: readonly Row<A>[]): void;
  step(row: Row<A>, own: number, kernel: Kernel): void;
  sum(summand: Summand, row: Row<A>, kernel: Kernel): number;
}

export interface Workspace<A> {
  readonly memory: LinearMemory;
  readonly placement: Placement<A>;
  readonly kernels: WasmKernels;
  readonly scalars: ScalarTable;
  readonly dispatcher: Dispatcher;
  /** Null where no array lies elsewhere. */
  readonly stager: Stager<A> | null;
}

/** The workspace of a memory; `createStager` gets the address of its scalars, and its kernels. */
export function createWorkspace<A>(
  memory: LinearMemory,
  placement: Placement<A>,
  createStager: (scalars: number, kernels: WasmKernels) => Stager<A> | null,
): Workspace<A> {
  const scalars = new ScalarTable(memory);
  const dispatcher = new Dispatcher(memory, scalars.start);
  if (memory.shared) joinThreads(dispatcher);
  const kernels = new WasmKernels(memory);
  return { memory, placement, scalars, dispatcher, kernels, stager: createStager(scalars.start, kernels) };
}
