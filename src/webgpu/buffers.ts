// Which buffers can be used, and the arrays that buffers of the user's stand for. Nothing is changed here.

import { Argument, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { type GpuArray, gpuByteLength, USAGE } from "../engine/webgpu/array.js";

/** Whether something is a GPUBuffer, of whatever implementation. */
export function isBuffer(value: unknown): value is GPUBuffer {
  return typeof value === "object" && value !== null && "getMappedRange" in value && "usage" in value;
}

/** `device` as a GPUDevice, or a TypeError. */
export function checkDevice(argument: Argument, device: unknown): GPUDevice {
  const isDevice = typeof device === "object" && device !== null && "createBuffer" in device && "queue" in device;
  if (isDevice) return device as GPUDevice; // nothing else has both
  const remedy = "Pass what await adapter.requestDevice() gave; without an adapter there is no WebGPU here.";
  throw argument.badKind("be a GPUDevice", device, remedy);
}

/** Throws unless these numbers lie in their buffer, where a kernel can have them. */
export function checkBuffer(argument: Argument, device: GPUDevice, array: GpuArray): void {
  const { buffer, byteOffset } = array;
  checkUsage(argument, buffer, "STORAGE", "Make the buffer with it.");
  const alignment = device.limits.minStorageBufferOffsetAlignment;
  if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset % alignment !== 0) {
    const requirement = `be a multiple of ${alignment}, the device's minStorageBufferOffsetAlignment`;
    const remedy = "Lay out arrays that share a buffer at such offsets.";
    throw new Argument(argument.owner, "byteOffset").badValue(requirement, byteOffset, remedy);
  }
  const byteLength = gpuByteLength(array, array.length);
  if (byteOffset + byteLength > buffer.size) {
    const from = byteOffset === 0 ? "" : ` from byte ${byteOffset} on`;
    const requirement = `have ${byteLength} bytes${from}`;
    const received = new Verbatim(`a buffer of ${buffer.size} bytes`);
    throw argument.badValue(requirement, received, "Pass buffers in the order of the variables.");
  }
  if (buffer.mapState === "unmapped") return;
  const problem = `${argument.name} is mapped, so that no kernel can have it`;
  throw new StateError(argument.owner, `${problem}. Call unmap() first.`);
}

type Usage = keyof typeof USAGE;

/** Throws unless the buffer was made with this flag. */
export function checkUsage(argument: Argument, buffer: GPUBuffer, flag: Usage, remedy: string): void {
  if ((buffer.usage & USAGE[flag]) !== 0) return;
  const names = Object.entries(USAGE).flatMap(([name, bit]) => ((buffer.usage & bit) === 0 ? [] : [name]));
  const received = new Verbatim(`a buffer with ${names.join(" | ") || "none of the flags that are used here"}`);
  throw argument.badKind(`have the usage flag ${flag}`, received, remedy);
}

const arrays = new WeakMap<GPUBuffer, Map<number, GpuArray>>();

/** The first `length` elements of a buffer; the same object each time, so that kernels over it are found again. */
export function arrayOfBuffer(buffer: GPUBuffer, length: number): GpuArray {
  const byLength = arrays.get(buffer) ?? new Map<number, GpuArray>();
  arrays.set(buffer, byLength);
  const array = byLength.get(length) ?? { buffer, byteOffset: 0, length, label: buffer.label };
  byLength.set(length, array);
  return array;
}
