// class GpuVariable: numbers in a buffer of a device that an optimizer updates.

/// <reference lib="esnext.disposable" preserve="true" />

import { argumentsOf, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { INSPECT } from "../check/inspect.js";
import { sizeOf } from "../check/lists.js";
import { variableName } from "../check/names.js";
import { Unwrapped } from "../check/unwrapped.js";
import { checkedShape, isNested, type NestedNumbers, type Numbers, numbersOf } from "../core/nested-numbers.js";
import { countDisposal } from "../core/run/call.js";
import { createGpuArray, FLOAT_BYTES, type GpuArray, writeArray } from "../engine/webgpu/array.js";
import { Reports } from "../engine/webgpu/errors.js";
import { readArrays } from "../engine/webgpu/read.js";
import { checkBuffer, checkDevice, checkUsage, isBuffer } from "./buffers.js";
import { checkConstraint, type GpuConstraint } from "./constraints.js";

// Where neither the DOM library nor @webgpu/types declares them, they are empty; elsewhere this adds nothing to them.
declare global {
  interface GPUDevice {}
  interface GPUBuffer {}
  interface GPUCommandEncoder {}
}

/** The options of `GpuVariable`. */
export interface GpuVariableOptions {
  /** The lengths of the axes; by default those of the nested arrays, or one axis with all of the buffer. */
  readonly shape?: readonly number[] | undefined;
  /** Where it begins in a buffer of yours: a multiple of the device's `minStorageBufferOffsetAlignment`. Default 0. */
  readonly byteOffset?: number | undefined;
  /** A name without `/`; by default the buffer's label, or `"variable"`, `"variable_1"`, ... */
  readonly name?: string | undefined;
  /** One of the `constraints` of `"rmsprop"`, applied on the device after each update that has a gradient for it. Default `null`. */
  readonly constraint?: GpuConstraint | null | undefined;
  /** The optimizer stores the gradient as the new value, instead of a step along it. Default `false`. */
  readonly overwriteWithGradient?: boolean | undefined;
}

const OWNER = "GpuVariable";
const argument = argumentsOf(OWNER);
let unnamed = 0;

/** A variable's memory. @internal */
export let gpuArrayOf: (variable: GpuVariable) => GpuArray;

/** float32 numbers of one shape on a device, which optimizers update in place. */
export class GpuVariable extends Unwrapped {
  readonly device: GPUDevice;
  readonly name: string;
  readonly shape: readonly number[];
  readonly constraint: GpuConstraint | null;
  readonly overwriteWithGradient: boolean;
  readonly #array: GpuArray;
  readonly #ownsBuffer: boolean;
  readonly #reports: Reports;
  #disposed = false;

  static {
    gpuArrayOf = (variable) => {
      if (!variable.#disposed) return variable.#array;
      throw new StateError(OWNER, `${variable.name} was disposed. Make a new one.`);
    };
  }

  /**
   * @param value numbers, which are copied into a new buffer (STORAGE, COPY_SRC, COPY_DST) that the variable owns; or a
   *   buffer of yours with STORAGE, which stays yours. `read` needs COPY_SRC of it; `assign`, `finalizeVariableValues` and
   *   `withAverage` need COPY_DST, too.
   */
  constructor(device: GPUDevice, value: GPUBuffer | NestedNumbers, options: GpuVariableOptions = {}) {
    super();
    argument("options").keys(options, ["shape", "byteOffset", "name", "constraint", "overwriteWithGradient"]);
    this.device = checkDevice(argument("device"), device);
    this.#reports = new Reports(device, OWNER);
    this.#ownsBuffer = !isBuffer(value);
    const byteOffset = argument("byteOffset").number(options.byteOffset ?? 0, { min: 0, integer: true });
    const name = options.name ?? ((isBuffer(value) && value.label.replaceAll("/", "_")) || variableName(unnamed++));
    this.name = argument("name").kerasName(name);
    this.overwriteWithGradient = argument("overwriteWithGradient").boolean(options.overwriteWithGradient ?? false);
    if (isBuffer(value)) {
      const rest = Math.max(0, Math.floor((value.size - byteOffset) / FLOAT_BYTES));
      this.shape = checkedShape(argument("shape"), options.shape ?? [rest]);
      this.constraint = checkConstraint(argument("constraint"), options.constraint ?? null, this.shape);
      const length = sizeOf(this.shape);
      this.#array = { buffer: value, byteOffset, length, label: this.name };
      checkBuffer(argument("value"), device, this.#array);
      return;
    }
    if (options.byteOffset !== undefined) {
      const remedy = "Leave it out: new numbers get a buffer of their own.";
      throw argument("byteOffset").badKind("come with a GPUBuffer", byteOffset, remedy);
    }
    const { values: numbers, shape } = checkedNumbers(value);
    this.shape = checkedShape(argument("shape"), options.shape ?? shape);
    this.constraint = checkConstraint(argument("constraint"), options.constraint ?? null, this.shape);
    checkCount(this.shape, numbers);
    checkSize(device, numbers.length);
    this.#array = this.#reports.watch(`memory for ${this.name}`, () =>
      createGpuArray(device, numbers.length, this.name),
    );
    writeArray(device, this.#array, numbers);
  }

  /** Elements. */
  get size(): number {
    return this.#array.length;
  }

  get dtype(): "float32" {
    return "float32";
  }

  /** The buffer that holds it. */
  get buffer(): GPUBuffer {
    return gpuArrayOf(this).buffer;
  }

  /** Where it begins in its buffer. */
  get byteOffset(): number {
    return gpuArrayOf(this).byteOffset;
  }

  /** Refused: reading them takes a promise. */
  toJSON(): never {
    throw new StateError(OWNER, `the numbers of ${this.name} are on the device. await variable.read() first.`);
  }

  /** One line, for a console. @internal */
  [INSPECT](): string {
    return `GpuVariable ${this.name} float32 [${this.shape}] ${this.#disposed ? "(disposed)" : "(await read() for its numbers)"}`;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** The elements in C order, a copy, once all that was submitted before is done. */
  async read(): Promise<Float32Array> {
    const array = gpuArrayOf(this);
    checkUsage(argument(this.name), array.buffer, "COPY_SRC", "Make the buffer with it.");
    await this.#reports.answered();
    this.#reports.throwFirst();
    const [values = new Float32Array()] = await readArrays(this.#reports, [array]);
    return values;
  }

  /** Replaces all elements; `value` has as many, in one flat array or nested. What is submitted later sees them. */
  assign(value: NestedNumbers): this {
    const { values: numbers } = checkedNumbers(value);
    const array = gpuArrayOf(this); // after the value, of which reading may run code of the user's
    checkUsage(argument(this.name), array.buffer, "COPY_DST", "Make the buffer with it.");
    checkCount(this.shape, numbers);
    this.#reports.watch(`a write to ${this.name}`, () => writeArray(this.device, array, numbers));
    return this;
  }

  /** Destroys the buffer if the variable made it. It cannot be used afterwards; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    countDisposal();
    if (!this.#ownsBuffer) return;
    this.#array.destroyed = true;
    this.#array.buffer.destroy();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkedNumbers(value: NestedNumbers): Numbers {
  if (isNested(value)) return numbersOf(argument("value"), value);
  const remedy = "Pass a GPUBuffer, a number, nested arrays of numbers, or a typed array.";
  throw argument("value").badKind("be numbers or a buffer", value, remedy);
}

function checkCount(shape: readonly number[], numbers: ArrayLike<number>): void {
  const size = sizeOf(shape);
  if (numbers.length === size) return;
  const requirement = `have the ${size} elements of its shape [${shape}]`;
  throw argument("value").badValue(requirement, new Verbatim(`${numbers.length} elements`), "Correct shape or value.");
}

function checkSize(device: GPUDevice, length: number): void {
  const { maxBufferSize } = device.limits;
  if (length * FLOAT_BYTES <= maxBufferSize) return;
  const remedy = "Ask for a larger limit in requestDevice(), or cut it into several variables.";
  const received = new Verbatim(`${length * FLOAT_BYTES} bytes`);
  throw argument("value").badValue(`fit the device's maxBufferSize of ${maxBufferSize} bytes`, received, remedy);
}
