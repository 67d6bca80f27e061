// Arrays of a device: numbers in a GPUBuffer, float32 but for gradients in half precision. They are read in read.ts, and computed on in kernels.ts.

import type { HalfFormat } from "../../rule/half.js";

/** A part of a buffer. Its owner destroys the buffer. */
export interface GpuArray {
  readonly buffer: GPUBuffer;
  /** A multiple of the device's `minStorageBufferOffsetAlignment`. */
  readonly byteOffset: number;
  /** Elements. */
  readonly length: number;
  /** What messages call it. */
  readonly label: string;
  /** That of numbers of two bytes, two of which are a word; without it they are float32. */
  readonly format?: HalfFormat | undefined;
  /** Set by the owner who has destroyed the buffer: the device itself tells nobody. */
  destroyed?: boolean;
}

/** The flags of buffers by name, as numbers: not every platform has them as globals. */
export const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 } as const;

/** Bytes of an element. */
export const FLOAT_BYTES = 4;

/** Bytes of the shortest element that there is. */
export const HALF_BYTES = 2;

/** The bytes of so many of its elements: whole words. */
export function gpuByteLength({ format }: Pick<GpuArray, "format">, length: number): number {
  return format === undefined ? length * FLOAT_BYTES : Math.ceil((length * HALF_BYTES) / FLOAT_BYTES) * FLOAT_BYTES;
}

const WORD = 2 ** 32;

/** A count as a device has it: two words of 32 bits, the lower one first. */
export function wordsOf(count: number): [low: number, high: number] {
  return [count % WORD, Math.min(Math.floor(count / WORD), WORD - 1)];
}

/** The reverse of `wordsOf`. */
export const countOf = (low: number, high: number): number => low + high * WORD;

/** An array of zeros in a buffer of its own, which may be read, written and computed on. */
export function createGpuArray(device: GPUDevice, length: number, label: string): GpuArray {
  const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
  // A buffer of no bytes cannot be bound.
  const buffer = device.createBuffer({ label, size: Math.max(FLOAT_BYTES, length * FLOAT_BYTES), usage });
  return { buffer, byteOffset: 0, length, label };
}

/** Replaces all elements. */
export function writeArray(device: GPUDevice, array: GpuArray, values: ArrayLike<number>): void {
  if (array.length > 0) device.queue.writeBuffer(array.buffer, array.byteOffset, Float32Array.from(values));
}

/** Copies between buffers; both have as many elements of one format. */
export function copyArray(encoder: GPUCommandEncoder, from: GpuArray, to: GpuArray): void {
  if (to.length === 0) return;
  encoder.copyBufferToBuffer(from.buffer, from.byteOffset, to.buffer, to.byteOffset, gpuByteLength(from, to.length));
}
