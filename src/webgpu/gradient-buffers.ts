// Gradients as parts of buffers, in half precision or not: what users pass, read once, and the arrays that they stand for.
import type { Argument } from "../check/argument.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import { HALF_FORMATS } from "../rule/half.js";
import { isBuffer } from "./buffers.js";

/** A gradient in a part of a buffer with STORAGE. In half precision, two numbers are a word, the first one in its lower half. */
export interface GpuGradientBuffer {
  /** Holds as many numbers as the variable from `byteOffset` on: whole words, also of an odd number of halves. */
  readonly buffer: GPUBuffer;
  /** A multiple of the device's `minStorageBufferOffsetAlignment`. Default 0. */
  readonly byteOffset?: number | undefined;
  /** What the numbers are. The step reads them as if converted to float32 first. */
  readonly format: "float16" | "bfloat16" | "float32";
}

/** A GpuGradientBuffer as it was read. */
export interface GradientPart extends GpuGradientBuffer {
  readonly byteOffset: number;
}

/** Whether a gradient is meant as a part of a buffer. */
export function isGradientBuffer(gradient: unknown): gradient is GpuGradientBuffer {
  return typeof gradient === "object" && gradient !== null && "format" in gradient;
}

/** The same with its fields read and checked, but for what only the length of its variable and the device tell. */
export function readGradientBuffer(argument: Argument, gradient: GpuGradientBuffer): GradientPart {
  argument.keys(gradient, ["buffer", "byteOffset", "format"]);
  const { buffer, byteOffset = 0, format } = gradient;
  const checked = argument.field("format").choice(format, [...HALF_FORMATS, "float32"]);
  if (!isBuffer(buffer)) throw argument.field("buffer").badKind("be a GPUBuffer", buffer, "Pass one with STORAGE.");
  return {
    buffer,
    byteOffset: argument.field("byteOffset").number(byteOffset, { min: 0, integer: true }),
    format: checked,
  };
}

const parts = new WeakMap<GPUBuffer, Map<string, GpuArray>>();

/** The first `length` elements of it; the same object each time, so that kernels over it are found again. */
export function arrayOfPart({ buffer, byteOffset, format }: GradientPart, length: number): GpuArray {
  const known = parts.get(buffer) ?? new Map<string, GpuArray>();
  parts.set(buffer, known);
  const key = `${byteOffset} ${length} ${format}`;
  const array = known.get(key) ?? {
    ...{ buffer, byteOffset, length, label: buffer.label },
    format: format === "float32" ? undefined : format,
  };
  known.set(key, array);
  return array;
}
