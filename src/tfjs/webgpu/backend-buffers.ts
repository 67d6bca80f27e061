// The GPUBuffers of TensorFlow.js' webgpu backend, so that kernels of ours run where its tensors lie. They are reached
// through private fields: where those are not as expected, there are no such buffers.
import * as tf from "@tensorflow/tfjs-core";
import { createGpuArray, FLOAT_BYTES, type GpuArray, USAGE } from "../../engine/webgpu/array.js";

/** What the backend keeps of a tensor's data; tensors that share their data share this. */
interface TensorData {
  /** How the numbers are stored: int32 where a tensor of float32 was cast from one of int32. */
  readonly dtype: tf.DataType;
  /** The numbers in the processor's memory, or a copy of them; null without one. */
  readonly values: unknown;
  /** Where they lie on the device, if they were needed there. */
  readonly resource?: unknown;
  /** The buffer is the user's. */
  readonly external?: boolean;
}

/** The fields of the backend that are used here. */
interface Fields {
  readonly device: GPUDevice;
  readonly tensorMap: { get(dataId: tf.DataId): TensorData };
  readonly commandEncoder: GPUCommandEncoder | null;
  uploadToGPU(dataId: tf.DataId): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

export class BackendBuffers {
  readonly device: GPUDevice;
  readonly #fields: Fields;
  readonly #backend: tf.KernelBackend;
  // One object for a buffer, so that what was bound once is found again.
  readonly #arrays = new WeakMap<GPUBuffer, GpuArray>();
  readonly #uncached = new WeakSet<TensorData>();
  #empty: GpuArray | null = null;

  constructor(backend: tf.KernelBackend, fields: Fields) {
    this.#backend = backend;
    this.#fields = fields;
    this.device = fields.device;
  }

  /**
   * Where a tensor's numbers lie on the device; null where that is not float32 in a buffer. They are moved there first from
   * another backend or the processor's memory, by commands that only `flush` submits.
   */
  arrayOf(tensor: tf.Tensor): GpuArray | null {
    if (tensor.size === 0) {
      // Of no elements nothing is bound; the backend may have no buffer for them.
      this.#empty ??= createGpuArray(this.device, 0, "no elements");
      return this.#empty;
    }
    this.#dataOf(tensor);
    this.#fields.uploadToGPU(tensor.dataId);
    const { dtype, resource } = this.#dataOf(tensor);
    if (dtype !== "float32" || !isBuffer(resource)) return null;
    const label = tensor instanceof tf.Variable ? tensor.name : "a gradient";
    const known = this.#arrays.get(resource);
    if (known?.length === tensor.size && known.label === label) return known;
    const array = { buffer: resource, byteOffset: 0, length: tensor.size, label };
    this.#arrays.set(resource, array);
    return array;
  }

  /** Where a tensor's numbers lie on the device as float32, or else a copy of them. */
  locate(tensor: tf.Tensor): GpuArray {
    const found = this.arrayOf(tensor) ?? this.arrayOf(this.copyOf(tensor));
    if (found === null) throw new Error("rmsprop/tfjs: the webgpu backend made a tensor that is not in a buffer.");
    return found;
  }

  /** A copy on the device, float32 whatever the original is stored as. */
  copyOf(tensor: tf.Tensor): tf.Tensor {
    this.arrayOf(tensor); // from the processor's memory a part is taken there
    return tf.reshape(tf.slice(tf.reshape(tensor, [tensor.size]), [0], [tensor.size]), tensor.shape);
  }

  /** Whether a tensor's numbers belong to it alone: they may be a clone's, too, or lie in a buffer of the user's. */
  isOwn(tensor: tf.Tensor): boolean {
    const { dtype, external } = this.#dataOf(tensor); // a tensor of another backend is counted only then
    return dtype === "float32" && external !== true && this.#backend.refCount(tensor.dataId) === 1;
  }

  /** Submits what the backend has recorded so far: what is submitted afterwards comes after it. */
  flush(): void {
    this.#fields.endComputePassEncoder();
    if (this.#fields.commandEncoder !== null) this.#fields.submitQueue();
  }

  /**
   * From now on the backend keeps no copy of these numbers in the processor's memory. To forget it after each write is not
   * enough: a read that began before the write would leave one when it ends.
   */
  forbidCopies(tensor: tf.Tensor): void {
    const data = this.#dataOf(tensor);
    if (tensor.size === 0 || this.#uncached.has(data)) return;
    this.#fields.uploadToGPU(tensor.dataId); // the numbers, if they were nowhere else
    this.#uncached.add(data);
    Object.defineProperty(data, "values", { get: () => null, set: () => undefined, enumerable: true });
  }

  #dataOf({ dataId }: tf.Tensor): TensorData {
    return this.#fields.tensorMap.get(dataId);
  }
}

/** The buffers of a backend, or null where they cannot be reached. */
export function buffersOf(backend: tf.KernelBackend): BackendBuffers | null {
  const fields: tf.KernelBackend & Partial<Fields> = backend;
  const { device, tensorMap, uploadToGPU, endComputePassEncoder, submitQueue } = fields;
  const used = [device?.createCommandEncoder, tensorMap?.get, uploadToGPU, endComputePassEncoder, submitQueue];
  if (fields.commandEncoder === undefined || used.some((method) => typeof method !== "function")) return null;
  // All fields that are used were looked at.
  const found = new BackendBuffers(backend, fields as Fields);
  return holdsTensors(found) ? found : null;
}

const PROBE = [0.5, -2, 3];

/** Whether the fields of a tensor are what they seem. */
function holdsTensors(buffers: BackendBuffers): boolean {
  return tf.tidy(() => {
    const tensor = tf.tensor1d(PROBE);
    const array = buffers.arrayOf(tensor);
    const clone = tensor.clone();
    const isShared = !buffers.isOwn(tensor) && buffers.arrayOf(clone)?.buffer === array?.buffer;
    clone.dispose();
    return array !== null && isShared && buffers.isOwn(tensor);
  });
}

/** A buffer that kernels can be bound to; the backend may have a texture instead. */
function isBuffer(resource: unknown): resource is GPUBuffer {
  const { usage, size } = (resource ?? {}) as Partial<GPUBuffer>; // the fields are looked at
  return typeof size === "number" && size >= FLOAT_BYTES && typeof usage === "number" && (usage & USAGE.STORAGE) !== 0;
}
