// What all optimizers of a device share: pipelines by shader, layouts, and whether the device is still there.
import { cached } from "../cached.js";
import { FLOAT_BYTES, HALF_BYTES } from "./array.js";

const contexts = new WeakMap<GPUDevice, DeviceContext>();

/** The context of a device, made on first use. */
export function contextOf(device: GPUDevice): DeviceContext {
  return cached(contexts, device, () => new DeviceContext(device));
}

/** Elements above which an array is split in any case: a dispatch of more workgroups is not allowed everywhere. */
const MOST_ELEMENTS = 2 ** 25;

export class DeviceContext {
  readonly device: GPUDevice;
  /** Where a multiple of so many elements begins, arrays of every format can be bound. */
  readonly alignment: number;
  /** The most elements of an array that can be bound at once; a multiple of `alignment`. */
  readonly partLength: number;
  #lost: GPUDeviceLostInfo | null = null;
  readonly #layouts = new Map<number, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice) {
    this.device = device;
    const { maxStorageBufferBindingSize, minStorageBufferOffsetAlignment } = device.limits;
    this.alignment = minStorageBufferOffsetAlignment / HALF_BYTES;
    // A sum may start between two aligned places.
    const most = Math.min(maxStorageBufferBindingSize / FLOAT_BYTES - this.alignment, MOST_ELEMENTS);
    this.partLength = most - (most % this.alignment);
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
    return cached(this.#pipelines, code, () => {
      const layout = this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(storageBuffers)] });
      const module = this.device.createShaderModule({ label, code });
      return this.device.createComputePipeline({ label, layout, compute: { module, entryPoint: "main" } });
    });
  }

  /** In the order of `BINDINGS`: two uniform blocks, then storage buffers. */
  layout(storageBuffers: number): GPUBindGroupLayout {
    return cached(this.#layouts, storageBuffers, () => {
      const types: GPUBufferBindingType[] = ["uniform", "uniform", ...Array<"storage">(storageBuffers).fill("storage")];
      const entries = types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } }));
      return this.device.createBindGroupLayout({ entries });
    });
  }
}

const COMPUTE = 4;
