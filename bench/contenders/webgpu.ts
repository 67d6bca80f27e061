// A step on a GPU, and a kernel that copies as many bytes on the same device.
import type { RMSpropOptions } from "rmsprop";
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { bufferOf, type Gpu, startDevice } from "../../test/webgpu/device.js";
import type { Contender, Lineup } from "../contender.js";
import { gradients, HYPER, weights } from "./data.js";

const WORKGROUP = 256;
const SPAN = 4 * WORKGROUP;
/** Elements of a copy that are bound at once; more are copied by one dispatch after another. */
const MOST_ELEMENTS = 2 ** 24;

const COPY = `@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> destination: array<f32>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var turn = 0u; turn < ${SPAN / WORKGROUP}u; turn++) {
    let i = group.x * ${SPAN}u + turn * ${WORKGROUP}u + lane;
    if (i >= arrayLength(&source)) { return; }
    destination[i] = source[i];
  }
}`;

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

function copyOf(device: GPUDevice, elements: number): () => void {
  const module = device.createShaderModule({ code: COPY });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  const copies = Array.from({ length: Math.ceil(elements / MOST_ELEMENTS) }, (_, i) => {
    const size = 4 * Math.min(MOST_ELEMENTS, Math.ceil(elements - i * MOST_ELEMENTS));
    const entries = [0, 1].map((binding) => ({
      binding,
      resource: { buffer: device.createBuffer({ size, usage: 128 }) },
    }));
    const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { bindGroup, workgroups: Math.ceil(size / 4 / SPAN) };
  });
  return () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const { bindGroup, workgroups } of copies) {
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(workgroups);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}
