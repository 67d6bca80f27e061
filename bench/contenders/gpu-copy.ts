// The limit on a GPU: a kernel that copies as many bytes as a step moves.

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

/** Submits a copy of so many elements each time it is called. Its buffers live as long as the device. */
export function copyOf(device: GPUDevice, elements: number): () => void {
  const encodeCopy = encodeCopyOf(device, elements);
  return () => {
    const encoder = device.createCommandEncoder();
    encodeCopy(encoder);
    device.queue.submit([encoder.finish()]);
  };
}

/** The same, into a command buffer. */
export function encodeCopyOf(device: GPUDevice, elements: number): (encoder: GPUCommandEncoder) => void {
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
  return (encoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const { bindGroup, workgroups } of copies) {
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(workgroups);
    }
    pass.end();
  };
}
