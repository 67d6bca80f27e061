// Rows -> dispatches: which pipeline runs over which buffers. engine.ts keeps them and puts them into command buffers.
import {
  CELLS_SPAN,
  cellsShader,
  nonNegativeShader,
  WEIGHTS_SPAN,
  weightsShader,
} from "../../kernel/wgsl/constraint.js";
import { readsSums, STEP_SPAN, type StepVariant, stepShader } from "../../kernel/wgsl/step.js";
import {
  arraysOfSource,
  countShader,
  decideShader,
  joinShader,
  keepShader,
  leavesShader,
  type SumSource,
} from "../../kernel/wgsl/sum.js";
import type { ConstraintData, NormBlocks } from "../../rule/constraint-formula.js";
import type { Plan } from "../../rule/plan.js";
import { cached } from "../cached.js";
import type { Row } from "../engine.js";
import { type GpuArray, gpuByteLength, wordsOf } from "./array.js";
import type { DeviceContext } from "./device.js";
import { type SumPasses, sumPasses } from "./sums.js";
import type { PartBlocks } from "./uniforms.js";

/** One kernel over buffers that are bound already. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: number;
}

/** Where a sum ends, and where those between its passes lie: numbers of `sums.values`. */
export interface SumPlace {
  readonly to: number;
  readonly between: number;
}

/** The storage buffers that a step of this plan binds at once. */
export function storageBuffersOf(plan: Plan, variant: StepVariant): number {
  return plan.arrays.length + Number(readsSums(plan, variant));
}

/** A constraint of one variable. */
export interface ArrayConstraint {
  readonly array: GpuArray;
  readonly constraint: ConstraintData;
  /** How its norms are taken, and where what they give is kept; null without norms. */
  readonly blocks: NormBlocks | null;
  readonly cells: GpuArray | null;
}

export class GpuKernels {
  readonly #context: DeviceContext;
  readonly #parts: PartBlocks;
  readonly #scalars: GPUBufferBinding;
  readonly #sums: GPUBufferBinding;
  readonly #constraints = new WeakMap<ArrayConstraint, Map<boolean, readonly Dispatch[]>>();
  readonly #kept = new WeakMap<GpuArray, Map<string, readonly Dispatch[]>>();
  readonly #code = new Map<Plan, Map<string, string>>();

  constructor(context: DeviceContext, parts: PartBlocks, scalars: GPUBufferBinding, sums: GPUBuffer) {
    this.#context = context;
    this.#parts = parts;
    this.#scalars = scalars;
    this.#sums = { buffer: sums };
  }

  /** The step of one row; its sum, if it needs one, is `sums.values[sum]`. */
  step({ plan, arrays }: Row<GpuArray>, { guarded }: StepVariant, sum: number): Dispatch[] {
    const variant = { guarded, format: arrays[plan.gradientAt]?.format };
    const code = this.#codeOf(plan, `step ${guarded} ${variant.format}`, () => stepShader(plan, variant));
    const sums = readsSums(plan, variant) ? [this.#sums] : [];
    return this.#byParts(lengthOf(arrays), (start, count) => {
      const bound = arrays.map((array) => bindingOf(array, start, count));
      return this.#dispatch("step", code, [count, sum], [...bound, ...sums], Math.ceil(count / STEP_SPAN));
    });
  }

  /** The sum over the gradient of one row. */
  sum(source: SumSource, row: Row<GpuArray>, { guarded }: StepVariant, place: SumPlace): Dispatch[] {
    const variant = { guarded, format: row.arrays[row.plan.gradientAt]?.format };
    const names = arraysOfSource(source, row.plan);
    const arrays = names.flatMap((name) => row.arrays[row.plan.arrays.indexOf(name)] ?? []);
    const length = lengthOf(arrays);
    if (length === 0) return this.total(row.plan, 0, place);
    const kind = `${source} ${guarded} ${variant.format}`;
    const code = this.#codeOf(row.plan, kind, () => leavesShader(source, row.plan, variant));
    const { alignment, partLength } = this.#context;
    return this.#passes(sumPasses(length, partLength), place, code, ({ start, length: count }) => {
      const from = start % alignment;
      return { from, bound: arrays.map((array) => bindingOf(array, start - from, from + count)) };
    });
  }

  /** The sum of the first `count` sums. */
  total(plan: Plan, count: number, place: SumPlace): Dispatch[] {
    const code = this.#codeOf(plan, "sums", () => leavesShader("sums", plan, { guarded: false }));
    const passes = sumPasses(count, this.#context.partLength);
    return this.#passes(passes, place, code, ({ start }) => ({ from: start, bound: [] }));
  }

  /** What a constraint does to a variable after its step. */
  constraint(own: ArrayConstraint, variant: StepVariant): readonly Dispatch[] {
    const known = cached(this.#constraints, own, () => new Map<boolean, readonly Dispatch[]>());
    return cached(known, variant.guarded, () => this.#createConstraint(own, variant.guarded));
  }

  /** Decides by the number of elements that are not finite, at `count`. */
  decide(count: number, growthSteps: number): Dispatch {
    return this.#dispatch("decide", decideShader(), [count, ...wordsOf(growthSteps)], [this.#sums], 1);
  }

  /** Keeps the first `count` sums, of a step that is taken, in an array. */
  keep(array: GpuArray, count: number, variant: StepVariant): readonly Dispatch[] {
    const known = cached(this.#kept, array, () => new Map<string, readonly Dispatch[]>());
    return cached(known, `${count} ${variant.guarded}`, () => {
      const bound = [bindingOf(array, 0, count), this.#sums];
      return [this.#dispatch("keep", keepShader(variant), [count], bound, Math.ceil(count / STEP_SPAN))];
    });
  }

  /** Counts the step, if it was taken. */
  count(): Dispatch {
    return this.#dispatch("count", countShader(), [0], [this.#sums], 1);
  }

  #createConstraint({ array, constraint, blocks, cells }: ArrayConstraint, guarded: boolean): Dispatch[] {
    const sums = guarded ? [this.#sums] : [];
    const { length } = array;
    if (length === 0) return [];
    if (constraint.kind === "NonNeg" || blocks === null || cells === null) {
      return this.#byParts(length, (start, count) => {
        const bound = [bindingOf(array, start, count), ...sums];
        const code = nonNegativeShader(guarded);
        return this.#dispatch("constraint", code, [count], bound, Math.ceil(count / WEIGHTS_SPAN));
      });
    }
    const bound = [bindingOf(array, 0, length), bindingOf(cells, 0, cells.length), ...sums];
    const norms = cellsShader(constraint, blocks, guarded);
    const weights = weightsShader(constraint, blocks, guarded);
    return [
      this.#dispatch("constraint", norms, [cells.length], bound, Math.ceil(cells.length / CELLS_SPAN)),
      this.#dispatch("constraint", weights, [length], bound, Math.ceil(length / WEIGHTS_SPAN)),
    ];
  }

  /** A dispatch for each part of so many elements that can be bound at once. */
  #byParts(length: number, dispatchOf: (start: number, count: number) => Dispatch): Dispatch[] {
    const { partLength } = this.#context;
    const starts = Array.from({ length: Math.ceil(length / partLength) }, (_, i) => i * partLength);
    return starts.map((start) => dispatchOf(start, Math.min(partLength, length - start)));
  }

  #passes(
    { branches, depth, joins, between }: SumPasses,
    place: SumPlace,
    code: string,
    bind: (branch: { start: number; length: number }) => { from: number; bound: GPUBufferBinding[] },
  ): Dispatch[] {
    // Without sums between the passes the first one leaves its only sum where it belongs.
    const base = between === 0 ? place.to : place.between;
    const first = branches.map((branch) => {
      const { from, bound } = bind(branch);
      const numbers = [from, branch.length, depth, base + branch.to];
      return this.#dispatch("leaves", code, numbers, [...bound, this.#sums], branch.workgroups);
    });
    const further = joins.map(({ from, count, to, workgroups }) => {
      const numbers = [base + from, count, workgroups === 1 ? place.to : base + to];
      return this.#dispatch("join", joinShader(), numbers, [this.#sums], workgroups);
    });
    return [...first, ...further];
  }

  #dispatch(
    label: string,
    code: string,
    numbers: readonly number[],
    storage: readonly GPUBufferBinding[],
    workgroups: number,
  ): Dispatch {
    const pipeline = this.#context.pipeline(code, storage.length, label);
    const bound = [this.#scalars, this.#parts.of(numbers), ...storage];
    const entries = bound.map((resource, binding) => ({ binding, resource }));
    const layout = this.#context.layout(storage.length);
    return { pipeline, bindGroup: this.#context.device.createBindGroup({ label, layout, entries }), workgroups };
  }

  #codeOf(plan: Plan, kind: string, make: () => string): string {
    const codes = cached(this.#code, plan, () => new Map<string, string>());
    return cached(codes, kind, make);
  }
}

const lengthOf = (arrays: readonly GpuArray[]): number => arrays[0]?.length ?? 0;

/** `start` is where arrays can be bound, of every format. */
function bindingOf(array: GpuArray, start: number, length: number): GPUBufferBinding {
  const { buffer, byteOffset } = array;
  return { buffer, offset: byteOffset + gpuByteLength(array, start), size: gpuByteLength(array, length) };
}
