// Gradients of two bytes a number, as users pass them: a Float16Array, or bits and what they mean.
import type { Argument } from "../../check/argument.js";
import { bitsOf, bufferOf, isDetached, isFloat16Array, isUint16Array, lengthOf } from "../../check/built-ins.js";
import { detached } from "../../core/nested-numbers.js";
import type { HostEngine } from "../../engine/engine.js";
import { HalfStorage } from "../../engine/half-storage.js";
import { HALF_FORMATS, type HalfFormat } from "../../rule/half.js";

/** A gradient in half precision: the bits of its numbers, two bytes each. It is read as if converted to float32 first. */
export interface HalfGradient {
  /** As many as the variable has elements. */
  readonly data: Uint16Array;
  /** What they are: numbers of IEEE 754, or the upper halves of float32 numbers. */
  readonly format: "float16" | "bfloat16";
}

/** Whether it is meant as one. */
export function isHalf(gradient: unknown): gradient is HalfGradient | ArrayLike<number> {
  return isFloat16Array(gradient) || (typeof gradient === "object" && gradient !== null && "format" in gradient);
}

/** A gradient in half precision with its fields read, or an error. What lies in memory of the engine, which may grow, is copied. */
export function halfStorageOf(
  argument: Argument,
  engine: Pick<HostEngine, "pin">,
  gradient: HalfGradient | ArrayLike<number>,
): HalfStorage {
  const { data, format } = fieldsOf(argument, gradient);
  const isPinned = engine.pin(new Float32Array(bufferOf(data) as ArrayBuffer, 0, 0)) !== null; // or a shared one
  return new HalfStorage(isPinned ? copyOf(data) : data, format);
}

/** A copy of a gradient in half precision. */
export function copiedHalf(argument: Argument, gradient: HalfGradient | ArrayLike<number>): HalfGradient {
  const { data, format } = fieldsOf(argument, gradient);
  return { data: copyOf(data), format };
}

interface Fields {
  /** A Uint16Array or a Float16Array. */
  readonly data: ArrayLike<number>;
  readonly format: HalfFormat;
}

function fieldsOf(argument: Argument, gradient: HalfGradient | ArrayLike<number>): Fields {
  const { data, format } = isFloat16Array(gradient)
    ? ({ data: gradient, format: "float16" } as const)
    : checkedFields(argument, gradient as HalfGradient); // nothing else is taken for one
  if (isDetached(data)) throw detached(argument);
  return { data, format };
}

function checkedFields(argument: Argument, gradient: HalfGradient): Fields {
  argument.keys(gradient, ["data", "format"]);
  const { data, format } = gradient;
  const checked = argument.field("format").choice(format, HALF_FORMATS);
  if (isUint16Array(data) || (checked === "float16" && isFloat16Array(data))) return { data, format: checked };
  throw argument.field("data").badKind("be a Uint16Array", data, "Pass the bits: new Uint16Array(buffer).");
}

const copyOf = (data: ArrayLike<number>): Uint16Array => bitsOf(data, 0, lengthOf(data)).slice();
