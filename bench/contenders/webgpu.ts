// A step on a GPU, and a kernel that copies as many bytes on the same device.
import type { RMSpropOptions } from "rmsprop";
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { bufferOf, type Gpu, startDevice } from "../../test/webgpu/device.js";
import type { Contender, Lineup } from "../contender.js";
import { gradients, HYPER, weights } from "./data.js";
import { copyOf } from "./gpu-copy.js";

/** Both over one variable; `bytes` are those that a step moves for each parameter. */
export async function gpuLineup(parameters: number, options: RMSpropOptions, bytes: number): Promise<Lineup> {
  const gpu = await startDevice();
  const variable = new GpuVariable(gpu.device, weights(parameters));
  const gradient = bufferOf(gpu.device, gradients(parameters));
  const optimizer = new RMSprop(gpu.device, { ...HYPER, ...options });
  optimizer.build([variable]);
  const step = (): void => optimizer.apply([gradient]);
  // The first step tells whether the device takes it.
  step();
  await optimizer.ready();
  const contenders = [
    queued("copy", gpu.device, copyOf(gpu.device, (parameters * bytes) / 8)),
    queued("step", gpu.device, step),
  ];
  return { contenders: contenders as [Contender, Contender], notes: notesOn(gpu) };
}

/** Which adapter and driver it was, and what its figures are worth. */
function notesOn({ adapter }: Gpu): string[] {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture, device].filter(Boolean).join(" ");
  const isSoftware = isFallbackAdapter || architecture === "swiftshader";
  const warning = "This adapter is software on the processor: its figures mean nothing for a GPU.";
  return [`Adapter: ${name}; driver: ${description || "unknown"}.`, ...(isSoftware ? [warning] : [])];
}

/** Time from the first submit until the device has done the last one. */
function queued(name: string, device: GPUDevice, step: () => void): Contender {
  return {
    name,
    async time(count) {
      const start = performance.now();
      for (let i = 0; i < count; i++) step();
      await device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    },
  };
}
