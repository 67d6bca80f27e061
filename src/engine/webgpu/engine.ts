// engine/webgpu/: the engine of a GPUDevice: buffers, pipelines, command buffers, errors that come later.
//
// An engine on a GPU: a step over any number of rows is one command buffer, and nothing is waited for. What a row becomes
// is in kernels.ts, the order of a step in program.ts; errors, which a device reports later, in errors.ts.

import { sizeOf } from "../../check/lists.js";
import { SUMS_HEADER } from "../../kernel/wgsl/step.js";
import type { Plan } from "../../rule/plan.js";
import type { Engine, LaterSquares, Like, Row, Step } from "../engine.js";
import { squareCount } from "../row-scalars.js";
import { copyArray, countOf, createGpuArray, FLOAT_BYTES, type GpuArray, USAGE, wordsOf, writeArray } from "./array.js";
import { contextOf, type DeviceContext } from "./device.js";
import { Reports } from "./errors.js";
import { type ArrayConstraint, type Dispatch, GpuKernels, storageBuffersOf } from "./kernels.js";
import { layoutOf, Programs } from "./program.js";
import { readArrays } from "./read.js";
import { PartBlocks, ScalarUniforms } from "./uniforms.js";

/** What the device keeps of a loss scale: it alone knows which steps were taken. */
export interface ScaleState {
  readonly scale: number;
  /** Finite steps since the scale was changed. */
  readonly steps: number;
  /** Calls that were taken. */
  readonly calls: number;
}

/** What a step is made with, beside its rows and scalars. */
export interface GpuContext {
  /** The user's encoder, if commands go there; else they are submitted at once. */
  readonly encoder: GPUCommandEncoder | null;
  /**
   * Of a step that is taken only if the device finds all gradients finite: after how many of them its loss scale doubles, or
   * FIXED_SCALE; null for one that is taken anyway.
   */
  readonly growthSteps: number | null;
  /** What follows the step in the same pass. */
  readonly constraints: readonly ArrayConstraint[];
  /** Gradients to be copied before anything changes, since a step will write where they lie. */
  readonly copies: readonly { readonly from: GpuArray; readonly to: GpuArray }[];
}

/** In place of growth steps: the loss scale stays as it is. */
export const FIXED_SCALE = 0;

/** A step that is submitted at once, and nothing beside it. */
export const PLAIN_STEP: GpuContext = { encoder: null, growthSteps: null, constraints: [], copies: [] };

export class WebGpuEngine implements Engine<GpuArray, GpuContext> {
  readonly name = "webgpu";
  readonly reports: Reports;
  readonly #device: GPUDevice;
  readonly #context: DeviceContext;
  readonly #parts: PartBlocks;
  #scalars: ScalarUniforms | null = null;
  #programs: Programs | null = null;
  #sums: GPUBuffer | null = null;
  #kept: GpuArray | null = null;
  #disposed = false;
  // Commands that nobody has submitted yet may still use buffers that were too small.
  readonly #outgrown: GPUBuffer[] = [];
  readonly #onRefusedStep: (error: GPUError) => void;
  readonly #onRefusedCopy = (error: GPUError): void => this.reports.add("a copy", error);

  /** `onRefused` is told when the device has refused a step, which then has changed nothing. */
  constructor(device: GPUDevice, owner: string, onRefused: () => void) {
    this.#device = device;
    this.#context = contextOf(device);
    this.#parts = new PartBlocks(device);
    this.reports = new Reports(device, owner);
    this.#onRefusedStep = (error) => {
      this.reports.add("a step", error);
      onRefused();
    };
  }

  /** Throws when the device is gone, or has refused something since the last call. */
  check(): void {
    if (this.#context.lost !== null) throw this.reports.lostError(this.#context.lost);
    this.reports.throwFirst();
  }

  zeros({ shape }: Like<GpuArray>, name: string): GpuArray {
    return this.reports.watch(`memory for ${name}`, () => createGpuArray(this.#device, sizeOf(shape), name));
  }

  free({ buffer }: GpuArray): void {
    buffer.destroy();
  }

  run({ rows, scalars, squares }: Step<GpuArray>, context: GpuContext): void {
    const first = rows[0];
    if (first === undefined) return;
    const { encoder: own, copies } = context;
    this.#scalars ??= new ScalarUniforms(this.#device, first.plan.rule);
    const dispatches = this.#dispatchesOf(rows, context, this.#scalars);
    const constrained = this.#constraintDispatches(context);
    if (own === null) this.#scalars.write(scalars.float32);
    else this.#scalars.record(own, scalars.float32);
    const record = (encoder: GPUCommandEncoder): void => {
      for (const { from, to } of copies) copyArray(encoder, from, to);
      encode(encoder, [...dispatches, ...constrained]);
    };
    this.#record(own, record, this.#onRefusedStep);
    if (squares && first.plan.sumsSquares) squares.takeLater(this.#squaresOf(rows));
  }

  write(array: GpuArray, values: ArrayLike<number>): void {
    this.reports.watch(`a write to ${array.label}`, () => writeArray(this.#device, array, values));
  }

  copy(from: GpuArray, to: GpuArray): void {
    if (to.destroyed) throw new ReferenceError(`${to.label} was disposed.`);
    this.#record(null, (encoder) => copyArray(encoder, from, to), this.#onRefusedCopy);
  }

  clone(array: GpuArray): GpuArray {
    const copy = this.zeros({ dtype: "float32", shape: [array.length], array }, `copy of ${array.label}`);
    this.copy(array, copy);
    return copy;
  }

  /** The elements of all arrays at one moment, after all steps submitted so far. */
  async readAll(arrays: readonly GpuArray[]): Promise<Float32Array[]> {
    this.check();
    const values = await readArrays(this.reports, arrays);
    await this.reports.answered();
    this.check();
    return values;
  }

  /** When the device has done what was submitted so far; throws what it has refused. */
  async ready(): Promise<void> {
    this.check();
    try {
      await this.#device.queue.onSubmittedWorkDone();
    } catch (cause) {
      throw await this.reports.errorOf(cause);
    }
    await this.reports.answered();
    this.check();
  }

  writeScale({ scale, steps, calls }: ScaleState): void {
    const words = new Uint32Array(SUMS_HEADER.length);
    new Float32Array(words.buffer)[SUMS_HEADER.scale] = scale;
    words.set(wordsOf(steps), SUMS_HEADER.steps);
    words.set(wordsOf(calls), SUMS_HEADER.calls);
    this.#device.queue.writeBuffer(this.#sumsOf(0), 0, words);
  }

  /** Where the scale of the next step lies, one float32 number. */
  get scaleBinding(): GPUBufferBinding {
    return { buffer: this.#sumsOf(0), offset: SUMS_HEADER.scale * FLOAT_BYTES, size: FLOAT_BYTES };
  }

  async readScale(): Promise<ScaleState> {
    const array = { buffer: this.#sumsOf(0), byteOffset: 0, length: SUMS_HEADER.length, label: "loss scale" };
    const [values = new Float32Array(SUMS_HEADER.length)] = await this.readAll([array]);
    const words = new Uint32Array(values.buffer);
    const countAt = (at: number): number => countOf(words[at] ?? 0, words[at + 1] ?? 0);
    const [steps, calls] = [countAt(SUMS_HEADER.steps), countAt(SUMS_HEADER.calls)];
    return { scale: values[SUMS_HEADER.scale] ?? 0, steps, calls };
  }

  dispose(): void {
    this.#disposed = true;
    this.#kept?.buffer.destroy();
    this.#parts.destroy();
    this.#scalars?.destroy();
    for (const sums of [...this.#outgrown, this.#sums]) sums?.destroy();
  }

  #checkStorageBuffers(plan: Plan, guarded: boolean): void {
    const count = storageBuffersOf(plan, { guarded });
    const most = this.#context.device.limits.maxStorageBuffersPerShaderStage;
    if (count <= most) return;
    const remedy = "Ask for a larger maxStorageBuffersPerShaderStage in requestDevice(), or leave out an option.";
    const problem = `a step touches ${count} storage buffers, and a kernel of this device may touch ${most}`;
    throw this.reports.error("validation", problem, remedy);
  }

  #dispatchesOf(
    rows: readonly Row<GpuArray>[],
    { encoder, growthSteps }: GpuContext,
    scalars: ScalarUniforms,
  ): readonly Dispatch[] {
    const known = this.#programs?.known(rows, growthSteps) ?? null;
    if (known !== null) return known;
    for (const { plan } of rows) this.#checkStorageBuffers(plan, growthSteps !== null);
    const layout = layoutOf(rows, this.#context.partLength);
    const sums = this.#sumsOf(layout.count, encoder);
    const kept = this.#keptOf(squareCount(rows));
    this.#programs ??= new Programs(new GpuKernels(this.#context, this.#parts, scalars.binding, sums), this.reports);
    return this.#programs.create(rows, layout, growthSteps, kept);
  }

  /** Where the sums of squares are kept, since those of the next step take their place. */
  #keptOf(count: number): GpuArray | null {
    if (count === 0 || (this.#kept !== null && this.#kept.length >= count)) return this.#kept;
    if (this.#kept !== null) this.#outgrown.push(this.#kept.buffer);
    this.#kept = this.reports.watch("memory for norms", () => createGpuArray(this.#device, 2 * count, "norms"));
    this.#programs = null;
    return this.#kept;
  }

  /** The sums of squares of the last step over such rows that was taken. */
  #squaresOf(rows: readonly Row<GpuArray>[]): LaterSquares {
    const array = { ...(this.#kept as GpuArray), length: squareCount(rows) }; // made for the step
    const read = async (): Promise<ArrayLike<number> | null> => {
      if (this.#disposed || array.buffer !== this.#kept?.buffer) return null;
      return (await this.readAll([array]))[0] ?? null;
    };
    return { read, free: () => undefined };
  }

  #constraintDispatches({ constraints, growthSteps }: GpuContext): readonly Dispatch[] {
    const kernels = this.#programs?.kernels;
    if (kernels === undefined || constraints.length === 0) return [];
    const variant = { guarded: growthSteps !== null };
    return this.reports.watch("a constraint", () =>
      constraints.flatMap((constraint) => kernels.constraint(constraint, variant)),
    );
  }

  /** A buffer for so many sums. When it grows, what the device knows of the loss scale moves along. */
  #sumsOf(count: number, encoder: GPUCommandEncoder | null = null): GPUBuffer {
    const size = (SUMS_HEADER.length + count) * FLOAT_BYTES;
    if (this.#sums !== null && this.#sums.size >= size) return this.#sums;
    const before = this.#sums;
    const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
    const sums = this.reports.watch("memory for sums", () =>
      this.#device.createBuffer({ label: "sums", size: Math.max(1024, 2 * size), usage }),
    );
    if (before !== null) {
      const copy = (to: GPUCommandEncoder) =>
        to.copyBufferToBuffer(before, 0, sums, 0, SUMS_HEADER.length * FLOAT_BYTES);
      this.#record(encoder, copy, this.#onRefusedCopy);
      this.#outgrown.push(before);
    }
    this.#sums = sums;
    this.#programs = null;
    return sums;
  }

  /** Into the user's command buffer, or into one that is submitted at once. */
  #record(
    own: GPUCommandEncoder | null,
    act: (encoder: GPUCommandEncoder) => void,
    onRefused: (error: GPUError) => void,
  ): void {
    if (own !== null) {
      act(own);
      return;
    }
    this.#device.pushErrorScope("validation");
    const encoder = this.#device.createCommandEncoder();
    act(encoder);
    this.#device.queue.submit([encoder.finish()]);
    this.reports.expect(this.#device.popErrorScope(), onRefused);
  }
}

function encode(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]): void {
  const pass = encoder.beginComputePass();
  let current: GPUComputePipeline | null = null;
  for (const { pipeline, bindGroup, workgroups } of dispatches) {
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(workgroups);
  }
  pass.end();
}
