// Slots of the cpu backend in the memory of the engine: a step reads and writes them there, with no copy. The numbers of such
// a tensor are a view of that memory, for whoever reads them.
import type * as tf from "@tensorflow/tfjs-core";
import { isFloat32Array } from "../../check/built-ins.js";
import type { HostEngine, Storage } from "../../engine/engine.js";
import { MemoryError } from "../../engine/wasm/memory/arena.js";

/** What the backend keeps of a tensor. */
interface TensorData {
  values?: unknown;
}

interface DataMap {
  has(dataId: tf.DataId): boolean;
  get(dataId: tf.DataId): TensorData | undefined;
}

export class SlotMemory {
  readonly #engine: HostEngine;
  readonly #backend: tf.KernelBackend;
  readonly #data: DataMap;
  readonly #storages = new WeakMap<TensorData, Storage>();

  constructor(engine: HostEngine, backend: tf.KernelBackend, data: DataMap) {
    this.#engine = engine;
    this.#backend = backend;
    this.#data = data;
  }

  /** The engine's array of a slot, which moves there the first time; null where others share the slot, or memory is short. */
  arrayOf(slot: tf.Tensor): Storage | null {
    const data = this.#data.get(slot.dataId); // a tensor of another backend is moved here, and counted, only by this
    if (data === undefined || this.#backend.refCount(slot.dataId) !== 1) return null;
    return this.#storages.get(data) ?? this.#moved(data);
  }

  /** The memory of a tensor; null where it has none of the engine's. */
  of(tensor: tf.Tensor): Storage | null {
    const data = this.#data.has(tensor.dataId) ? this.#data.get(tensor.dataId) : undefined;
    return (data && this.#storages.get(data)) ?? null;
  }

  /** Runs `act`, by which a tensor loses its numbers or gets others, and gives memory back that nobody needs then. */
  leaving(tensor: tf.Tensor, act: () => void): void {
    const { dataId } = tensor;
    const storage = this.of(tensor);
    act();
    if (!this.#data.has(dataId)) storage?.free();
  }

  #moved(data: TensorData): Storage | null {
    const { values } = data;
    if (!isFloat32Array(values)) return null;
    const storage = this.#zeros(values);
    if (storage === null) return null;
    storage.view.set(values);
    this.#storages.set(data, storage);
    // Memory that grows takes its views away.
    Object.defineProperty(data, "values", { get: () => storage.view, enumerable: true });
    return storage;
  }

  #zeros(values: Float32Array): Storage | null {
    try {
      const array = this.#engine.zeros({ dtype: "float32", shape: [values.length], array: values }, "");
      return ArrayBuffer.isView(array) ? null : array;
    } catch (error) {
      if (error instanceof MemoryError) return null; // then they are copied
      throw error;
    }
  }
}

/** The memory for slots of a backend, or null where its tensors are not reached. */
export function slotMemoryOf(engine: HostEngine, backend: tf.KernelBackend): SlotMemory | null {
  // Each field is looked at before it is used.
  const { data }: tf.KernelBackend & { readonly data?: Partial<DataMap> } = backend;
  const isMap = typeof data?.get === "function" && typeof data.has === "function";
  return isMap ? new SlotMemory(engine, backend, data as DataMap) : null;
}
