// A step on a GPU: its kernels beside a kernel that copies as many bytes, and what it costs the processor.
import type { RMSpropOptions } from "rmsprop";
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { bufferOf } from "../../test/webgpu/device.js";
import type { Contender, Lineup } from "../contender.js";
import { gradients, HYPER, weights } from "./data.js";
import { startMeasuredGpu } from "./gpu-adapter.js";
import { timedOnDevice } from "./gpu-clock.js";
import { encodeCopyOf } from "./gpu-copy.js";

/** Copy and step over one variable; `bytes` are those that a step moves for each parameter. */
export async function gpuLineup(parameters: number, options: RMSpropOptions, bytes: number): Promise<Lineup> {
  const { device, notes } = await startMeasuredGpu();
  const variable = new GpuVariable(device, weights(parameters));
  const gradient = bufferOf(device, gradients(parameters));
  const optimizer = new RMSprop(device, { ...HYPER, ...options });
  optimizer.build([variable]);
  // The first step tells whether the device takes it.
  optimizer.apply([gradient]);
  await optimizer.ready();
  const contenders: [Contender, Contender] = [
    timedOnDevice("copy", device, encodeCopyOf(device, (parameters * bytes) / 8)),
    timedOnDevice("step", device, (encoder) => optimizer.encode(encoder, [gradient])),
  ];
  return { contenders, notes };
}

/** What a step over so many variables costs the processor; it tells how many dispatches that are. */
export async function gpuEncoding(count: number, length: number): Promise<Lineup> {
  const { device, notes } = await startMeasuredGpu();
  const given = Array.from({ length: count }, () => bufferOf(device, gradients(length)));
  const optimizer = new RMSprop(device, HYPER);
  optimizer.build(given.map(() => new GpuVariable(device, weights(length))));
  optimizer.apply(given);
  await optimizer.ready();
  return {
    contenders: [queuedBy("processor", device, () => optimizer.apply(given))],
    facts: dispatchesOf(device, (encoder) => optimizer.encode(encoder, given)),
    notes,
  };
}

/** Time until a step is queued; the device's own work is waited for, and not timed. */
function queuedBy(name: string, device: GPUDevice, step: () => void): Contender {
  return {
    name,
    async time(count) {
      let milliseconds = 0;
      for (let i = 0; i < count; i++) {
        const start = performance.now();
        step();
        milliseconds += performance.now() - start;
        await device.queue.onSubmittedWorkDone();
      }
      return milliseconds;
    },
  };
}

/** Passes and dispatches of a step, which is submitted. */
function dispatchesOf(device: GPUDevice, encode: (encoder: GPUCommandEncoder) => void): Record<string, number> {
  const counts = { passes: 0, dispatches: 0 };
  const encoder = device.createCommandEncoder();
  const pass = (begun: GPUComputePassEncoder): GPUComputePassEncoder =>
    counted(begun, "dispatchWorkgroups", () => counts.dispatches++);
  encode(counted(encoder, "beginComputePass", () => counts.passes++, pass));
  device.queue.submit([encoder.finish()]);
  return counts;
}

/** The same object, but the calls of one of its methods are counted; `change` gets what they return. */
function counted<T extends object, R>(object: T, name: keyof T, count: () => void, change = (made: R): R => made): T {
  return new Proxy(object, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (key !== name) return value.bind(target);
      return (...parameters: unknown[]) => {
        count();
        return change(value.apply(target, parameters));
      };
    },
  });
}
