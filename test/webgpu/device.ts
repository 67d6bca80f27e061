// A device of Dawn for tests and benchmarks in Node, and numbers from and to it.
import { create } from "webgpu";

export interface Gpu {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
}

// Dawn's objects live as long as this one.
export const gpu: GPU = create([]);

/** A new device. Throws where there is no adapter: a suite that finds none has failed. */
export async function startDevice(descriptor: GPUDeviceDescriptor = {}): Promise<Gpu> {
  const adapter = await requestAdapter();
  return { adapter, device: await adapter.requestDevice(descriptor) };
}

/** An adapter, which gives one device. Throws where there is none. */
export async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    throw new Error(
      "No GPU adapter was found: install Debian's chromium, which has SwiftShader, or set VK_ICD_FILENAMES.",
    );
  }
  return adapter;
}

/** Usage flags by name: there are no globals of WebGPU in Node. */
export const USAGE = { COPY_SRC: 4, COPY_DST: 8, STORAGE: 128 } as const;
export const ALL_USAGES: number = USAGE.COPY_SRC | USAGE.COPY_DST | USAGE.STORAGE;

/** A buffer of these numbers. */
export function bufferOf(device: GPUDevice, values: ArrayLike<number>, usage: number = ALL_USAGES): GPUBuffer {
  const size = Math.max(4, 4 * values.length);
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set(values);
  buffer.unmap();
  return buffer;
}
