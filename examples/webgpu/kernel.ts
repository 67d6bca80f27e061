// From WGSL and buffers to something that a pass can dispatch. Pipelines, bind groups and buffers are made once.
import { WORKGROUP_SIZE } from "./shaders.js";
import type { WatchedDevice } from "./watched-device.js";

/** Code over its buffers. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** `buffers` are in the order of the bindings. Rejects with what the device says about the code. */
export async function createKernel(
  gpu: WatchedDevice,
  label: string,
  code: string,
  constants: Readonly<Record<string, number>>,
  buffers: readonly GPUBuffer[],
): Promise<Kernel> {
  const { device } = gpu;
  const module = device.createShaderModule({ label, code });
  const compute = { module, entryPoint: "main", constants };
  const pipeline = await device.createComputePipelineAsync({ label, layout: "auto", compute });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindGroup = gpu.watch(`the buffers of ${label}`, () =>
    device.createBindGroup({ label, layout: pipeline.getBindGroupLayout(0), entries }),
  );
  return { pipeline, bindGroup };
}

/** Runs a kernel in `invocations`, or a few more to fill the last workgroup. */
export function dispatch(pass: GPUComputePassEncoder, { pipeline, bindGroup }: Kernel, invocations: number): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(Math.ceil(invocations / WORKGROUP_SIZE));
}

/** A buffer for so many numbers of 32 bits, to compute on and to copy. */
export function createBuffer({ device }: WatchedDevice, label: string, length: number): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return device.createBuffer({ label, size: 4 * length, usage });
}

/** A buffer with these numbers. */
export function createBufferOf(
  gpu: WatchedDevice,
  label: string,
  numbers: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): GPUBuffer {
  const buffer = createBuffer(gpu, label, numbers.length);
  gpu.device.queue.writeBuffer(buffer, 0, numbers);
  return buffer;
}
