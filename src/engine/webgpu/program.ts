// The order of a step: finite check, norms, the rows themselves. Programs are kept with their list of rows, the parts of a
// row with the row and its gradient, so that a step over the same arrays makes nothing.
import type { StepVariant } from "../../kernel/wgsl/step.js";
import type { SumSource } from "../../kernel/wgsl/sum.js";
import { cached } from "../cached.js";
import type { Row } from "../engine.js";
import { squareCount } from "../row-scalars.js";
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

/** Where the sums of a step lie: one for each gradient, or what was gathered of it, in order, their total, then those between passes. */
export interface SumLayout {
  readonly gradients: Rows;
  readonly places: ReadonlyMap<Row<GpuArray>, SumPlace>;
  readonly total: SumPlace;
  /** How many there are at most. */
  readonly count: number;
}

export class Programs {
  readonly kernels: GpuKernels;
  readonly #reports: Reports;
  readonly #programs = new WeakMap<Rows, Program>();
  readonly #rows = new WeakMap<Row<GpuArray>, WeakMap<GpuArray, RowProgram>>();

  constructor(kernels: GpuKernels, reports: Reports) {
    this.kernels = kernels;
    this.#reports = reports;
  }

  /** The dispatches that were made for these rows, if any were. */
  known(rows: Rows, growthSteps: number | null): readonly Dispatch[] | null {
    const program = this.#programs.get(rows);
    return program?.growthSteps === growthSteps ? program.dispatches : null;
  }

  /** The dispatches of a step: with `growthSteps`, it is guarded by the finite check. Sums of squares go to `kept`. */
  create(rows: Rows, layout: SumLayout, growthSteps: number | null, kept: GpuArray | null): readonly Dispatch[] {
    const variant = { guarded: growthSteps !== null };
    const count = squareCount(rows);
    const programs = rows.map((row) => this.#rowProgram(row, layout, variant));
    const dispatches = this.#reports.watch("a kernel", () => [
      ...(growthSteps === null ? [] : decision(layout, programs, this.kernels, growthSteps)),
      ...programs.flatMap(({ squares }) => squares),
      ...globalSum(layout, this.kernels),
      ...(kept === null || count === 0 ? [] : this.kernels.keep(kept, count, variant)),
      ...programs.flatMap(({ step }) => step),
      ...(growthSteps === null ? [] : [this.kernels.count()]),
    ]);
    this.#programs.set(rows, { growthSteps, dispatches });
    return dispatches;
  }

  #rowProgram(row: Row<GpuArray>, layout: SumLayout, variant: StepVariant): RowProgram {
    const { plan, arrays } = row;
    const own = layout.places.get(row) ?? layout.total;
    const sum = plan.rowScalar === "globalScale" ? layout.total.to : own.to;
    const place = [own.to, own.between, sum, variant.guarded].join();
    const key = arrays[Math.max(0, plan.gradientAt)] as GpuArray; // a row has an array at least
    const byGradient = cached(this.#rows, row, () => new WeakMap<GpuArray, RowProgram>());
    const known = byGradient.get(key);
    if (known?.place === place) return known;
    const sums = (source: SumSource, needed: boolean) => (needed ? this.kernels.sum(source, row, variant, own) : []);
    const program = this.#reports.watch(`the step of ${nameOf(row)}`, () => ({
      place,
      finite: sums("nonFinite", variant.guarded && plan.gradientAt >= 0),
      squares: sums("square", plan.sumsSquares),
      step: this.kernels.step(row, variant, sum),
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
    ...kernels.total(first.plan, gradients.length, total),
    kernels.decide(total.to, growthSteps),
  ];
}

/** The sum of all squares, where a clip needs it. */
function globalSum({ gradients, total }: SumLayout, kernels: GpuKernels): Dispatch[] {
  const squared = gradients.filter(({ plan }) => plan.rowScalar === "globalScale"); // before all others, if any
  const [first] = squared;
  return first === undefined ? [] : kernels.total(first.plan, squared.length, total);
}

/** The sums that these rows take. */
export function layoutOf(rows: Rows, partLength: number): SumLayout {
  const gradients = rows.filter(({ plan }) => plan.gradientAt >= 0 || plan.sumsSquares);
  const total = { to: gradients.length, between: gradients.length + 1 };
  let count = total.between + sumPasses(gradients.length, partLength).between;
  const places = new Map<Row<GpuArray>, SumPlace>();
  gradients.forEach((row, to) => {
    places.set(row, { to, between: count });
    count += sumPasses(row.arrays[Math.max(0, row.plan.gradientAt)]?.length ?? 0, partLength).between;
  });
  return { gradients, places, total, count };
}

const nameOf = ({ plan, arrays }: Row<GpuArray>): string =>
  arrays[plan.arrays.indexOf("variable")]?.label ?? "an array";
