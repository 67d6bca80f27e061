// The order of a step: finite check, norms, the rows themselves. Programs are kept with their list of rows, the parts of a
// row with the row and its gradient, so that a step over the same arrays makes nothing.
import type { StepVariant } from "../../kernel/wgsl/step.js";
import type { SumSource } from "../../kernel/wgsl/sum.js";
import type { Row } from "../engine.js";
import type { GpuArray } from "./array.js";
import type { Reports } from "./errors.js";
import type { Dispatch, GpuKernels, SumPlace } from "./kernels.js";
import { sumPasses } from "./sums.js";

type Rows = readonly Row<GpuArray>[];

interface Program {
  readonly growthSteps: number | null;
  readonly dispatches: readonly Dispatch[];
}

/** One row with the gradient that it had, and where its sum lay. */
interface RowProgram {
  readonly place: string;
  readonly finite: readonly Dispatch[];
  readonly squares: readonly Dispatch[];
  readonly step: readonly Dispatch[];
}

/** Where the sums of a step lie: one for each gradient in order, their total, then those between passes. */
interface SumLayout {
  readonly gradients: Rows;
  readonly places: ReadonlyMap<Row<GpuArray>, SumPlace>;
  readonly total: SumPlace;
  readonly count: number;
}

export class Programs {
  #programs = new WeakMap<Rows, Program>();
  #rows = new WeakMap<Row<GpuArray>, WeakMap<GpuArray, RowProgram>>();

  /** The dispatches that were made for these rows, if any were. */
  known(rows: Rows, growthSteps: number | null): readonly Dispatch[] | null {
    const program = this.#programs.get(rows);
    return program?.growthSteps === growthSteps ? program.dispatches : null;
  }

  /** How many sums these rows take at most. */
  sumsOf(rows: Rows, partLength: number): number {
    return layoutOf(rows, partLength).count;
  }

  /** The dispatches of a step: with `growthSteps`, it is guarded by the finite check. */
  create(
    rows: Rows,
    growthSteps: number | null,
    kernels: GpuKernels,
    partLength: number,
    reports: Reports,
  ): readonly Dispatch[] {
    const layout = layoutOf(rows, partLength);
    const variant = { guarded: growthSteps !== null };
    const programs = rows.map((row) => this.#rowProgram(row, layout, variant, kernels, reports));
    const dispatches = reports.watch("a kernel", () => [
      ...(growthSteps === null ? [] : decision(layout, programs, kernels, growthSteps)),
      ...programs.flatMap(({ squares }) => squares),
      ...globalSum(layout, kernels),
      ...programs.flatMap(({ step }) => step),
      ...(growthSteps === null ? [] : [kernels.count()]),
    ]);
    this.#programs.set(rows, { growthSteps, dispatches });
    return dispatches;
  }

  clear(): void {
    this.#programs = new WeakMap();
    this.#rows = new WeakMap();
  }

  #rowProgram(
    row: Row<GpuArray>,
    layout: SumLayout,
    variant: StepVariant,
    kernels: GpuKernels,
    reports: Reports,
  ): RowProgram {
    const { plan, arrays } = row;
    const own = layout.places.get(row) ?? layout.total;
    const sum = plan.rowScalar === "globalScale" ? layout.total.to : own.to;
    const place = [own.to, own.between, sum, variant.guarded].join();
    const key = arrays[Math.max(0, plan.gradientAt)] as GpuArray; // a row has an array at least
    const byGradient = this.#rows.get(row) ?? new WeakMap<GpuArray, RowProgram>();
    this.#rows.set(row, byGradient);
    const known = byGradient.get(key);
    if (known?.place === place) return known;
    const sums = (source: SumSource, needed: boolean) => (needed ? kernels.sum(source, row, variant, own) : []);
    const program = reports.watch(`the step of ${nameOf(row)}`, () => ({
      place,
      finite: sums("nonFinite", variant.guarded && plan.gradientAt >= 0),
      squares: sums("square", plan.rowScalar !== null),
      step: kernels.step(row, variant, sum),
    }));
    byGradient.set(key, program);
    return program;
  }
}

/** The finite check over all gradients, and what follows from it. */
function decision(
  { gradients, total }: SumLayout,
  programs: readonly RowProgram[],
  kernels: GpuKernels,
  growthSteps: number,
): Dispatch[] {
  const [first] = gradients;
  if (first === undefined) return [];
  return [
    ...programs.flatMap(({ finite }) => finite),
    ...kernels.total(first.plan, { from: 0, count: gradients.length }, total),
    kernels.decide(total.to, growthSteps),
  ];
}

/** The sum of all squares, where a clip needs it. */
function globalSum({ gradients, total }: SumLayout, kernels: GpuKernels): Dispatch[] {
  const squared = gradients.filter(({ plan }) => plan.rowScalar === "globalScale"); // before all others, if any
  const [first] = squared;
  return first === undefined ? [] : kernels.total(first.plan, { from: 0, count: squared.length }, total);
}

function layoutOf(rows: Rows, partLength: number): SumLayout {
  const gradients = rows.filter(({ plan }) => plan.gradientAt >= 0);
  const total = { to: gradients.length, between: gradients.length + 1 };
  let count = total.between + sumPasses(gradients.length, partLength).between;
  const places = new Map<Row<GpuArray>, SumPlace>();
  gradients.forEach((row, to) => {
    places.set(row, { to, between: count });
    count += sumPasses(row.arrays[row.plan.gradientAt]?.length ?? 0, partLength).between;
  });
  return { gradients, places, total, count };
}

const nameOf = ({ plan, arrays }: Row<GpuArray>): string =>
  arrays[plan.arrays.indexOf("variable")]?.label ?? "an array";
