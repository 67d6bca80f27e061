// What all optimizers of a device share: pipelines by shader, layouts, and whether the device is still there.
import { BINDINGS } from "../../kernel/wgsl/step.js";
import { FLOAT_BYTES } from "./array.js";

const contexts = new WeakMap<GPUDevice, DeviceContext>();

/** The context of a device, made on first use. */
export function contextOf(device: GPUDevice): DeviceContext {
  const known = contexts.get(device) ?? new DeviceContext(device);
  contexts.set(device, known);
  return known;
}

/** Elements above which an array is split in any case: a dispatch of more workgroups is not allowed everywhere. */
const MOST_ELEMENTS = 2 ** 25;

export class DeviceContext {
  readonly device: GPUDevice;
  /** The most elements of an array that can be bound at once; a multiple of the alignment of bindings. */
  readonly partLength: number;
  #lost: GPUDeviceLostInfo | null = null;
  readonly #layouts = new Map<number, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice) {
    this.device = device;
    const { maxStorageBufferBindingSize, minStorageBufferOffsetAlignment: alignment } = device.limits;
    // A sum may start between two aligned places.
    const most = Math.min(maxStorageBufferBindingSize / FLOAT_BYTES - alignment / FLOAT_BYTES, MOST_ELEMENTS);
    this.partLength = most - (most % (alignment / FLOAT_BYTES));
    const onLost = (info: GPUDeviceLostInfo) => {
      this.#lost = info;
    };
    device.lost.then(onLost, () => undefined);
  }

  /** Why the device is gone; null while it is there. */
  get lost(): GPUDeviceLostInfo | null {
    return this.#lost;
  }

  /** The pipeline of a shader that binds so many storage buffers. */
  pipeline(code: string, storageBuffers: number, label: string): GPUComputePipeline {
    const known = this.#pipelines.get(code);
    if (known !== undefined) return known;
    const layout = this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(storageBuffers)] });
    const module = this.device.createShaderModule({ label, code });
    const pipeline = this.device.createComputePipeline({ label, layout, compute: { module, entryPoint: "main" } });
    this.#pipelines.set(code, pipeline);
    return pipeline;
  }

  /** Two uniform blocks, then storage buffers. */
  layout(storageBuffers: number): GPUBindGroupLayout {
    const known = this.#layouts.get(storageBuffers);
    if (known !== undefined) return known;
    const types: GPUBufferBindingType[] = ["uniform", "uniform", ...Array<"storage">(storageBuffers).fill("storage")];
    const entries = types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } }));
    const layout = this.device.createBindGroupLayout({ entries });
    this.#layouts.set(storageBuffers, layout);
    return layout;
  }
}

const COMPUTE = 4;

/** The entries of a bind group: scalars, the part of a dispatch, and storage buffers. */
export function entriesOf(
  scalars: GPUBufferBinding,
  part: GPUBufferBinding,
  storage: readonly GPUBufferBinding[],
): GPUBindGroupEntry[] {
  return [
    { binding: BINDINGS.scalars, resource: scalars },
    { binding: BINDINGS.part, resource: part },
    ...storage.map((resource, i) => ({ binding: BINDINGS.arrays + i, resource })),
  ];
}
