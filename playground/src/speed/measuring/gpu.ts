// The contenders on a GPU: rmsprop/webgpu, and a copy of as many bytes.
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { copyOf } from "../../../../bench/contenders/gpu-copy.js";
import { BYTES_PER_PARAMETER } from "../contenders.js";
import { findAdapter } from "../machine.js";
import { type Contender, gradients, type Live, PARAMETERS, weights } from "./contender.js";

/** None where there is no adapter: why is told beside the bars. */
export async function gpuContenders(): Promise<Contender[]> {
  const { adapter } = await findAdapter();
  if (!adapter) return [];
  return [
    { word: "webgpu", create: () => onDevice(rmspropStep) },
    { word: "gpucopy", create: () => onDevice(copyStep) },
  ];
}

/** Each has a device of its own, with which all of its buffers go. */
async function onDevice(create: (device: GPUDevice) => Promise<() => void>): Promise<Live> {
  const { adapter, reason } = await findAdapter();
  if (!adapter) throw new Error(reason);
  const device = await adapter.requestDevice();
  const step = await create(device);
  return {
    time: async (steps) => {
      const start = performance.now();
      for (let i = 0; i < steps; i++) step();
      await device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    },
    dispose: () => device.destroy(),
  };
}

async function rmspropStep(device: GPUDevice): Promise<() => void> {
  const [variable, gradient] = [new GpuVariable(device, weights()), new GpuVariable(device, gradients())];
  const optimizer = new RMSprop(device);
  optimizer.build([variable]);
  optimizer.apply([gradient]);
  // Tells whether the device takes it.
  await optimizer.ready();
  return () => optimizer.apply([gradient]);
}

async function copyStep(device: GPUDevice): Promise<() => void> {
  return copyOf(device, (PARAMETERS * BYTES_PER_PARAMETER) / 8);
}
