// The linear memory of TensorFlow.js' wasm backend, so that kernels of ours run where its tensors lie. It is reached
// through private fields: where they are not as expected, there is no such memory.
import * as tf from "@tensorflow/tfjs-core";
import { isShared, isWasmMemory } from "../../check/built-ins.js";
import { MemoryError } from "../../engine/wasm/memory/arena.js";
import type { LinearMemory } from "../../engine/wasm/memory/linear-memory.js";

/** What the emscripten module of the backend has. */
interface Module {
  readonly HEAPU8: Uint8Array;
  _malloc(byteLength: number): number;
  _free(address: number): void;
  readonly tfjs: { registerTensor(id: number, size: number, address: number): void; disposeData(id: number): void };
  readonly asm?: Readonly<Record<string, unknown>>;
  readonly wasmMemory?: unknown;
}

/** Bytes left free before the next arrays: those that start at the same offset modulo 4 KiB slow one another down. */
const GAPS = [1040, 2080, 3120] as const;

interface TensorData {
  readonly id: number;
  readonly memoryOffset: number;
}

export class BackendMemory implements LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly #module: Module;
  readonly #backend: tf.KernelBackend;
  readonly #data: DataIdMap;
  #gaps = 0;
  // The second line: for those who forget dispose().
  readonly #owners = new FinalizationRegistry<number>((start) => this.#module._free(start));

  constructor(backend: tf.KernelBackend, module: Module, memory: WebAssembly.Memory, data: DataIdMap) {
    this.#backend = backend;
    this.#module = module;
    this.memory = memory;
    this.#data = data;
    this.shared = isShared(memory.buffer);
  }

  /** Another one after the backend has grown it, which any operation may do: then the module has another `HEAPU8`, too. */
  get buffer(): ArrayBufferLike {
    // Memory that threads share may grow in one of them, and this module is not told.
    return this.shared ? this.memory.buffer : this.#module.HEAPU8.buffer;
  }

  /** The backend's allocator leaves the last 64 KiB of 4 GiB alone. */
  allocate(byteLength: number): number {
    const start = this.#module._malloc(byteLength) >>> 0; // above 2 GiB it is negative
    if (start === 0) throw new MemoryError(byteLength, this.buffer.byteLength);
    new Uint8Array(this.buffer, start, byteLength).fill(0);
    return start;
  }

  allocateFor(owner: object, byteLength: number): number {
    const start = this.allocate(byteLength);
    this.#owners.register(owner, start, owner);
    return start;
  }

  freeFor(owner: object, start: number): void {
    this.#owners.unregister(owner);
    this.#module._free(start);
  }

  /** Runs `make` with a gap before what it allocates. */
  staggered<T>(make: () => T): T {
    const gap = this.#module._malloc(GAPS[this.#gaps++ % GAPS.length] ?? 0);
    try {
      return make();
    } finally {
      this.#module._free(gap);
    }
  }

  /** Where a tensor lies. A tensor of another backend is moved here first. */
  addressOf(tensor: tf.Tensor): number {
    return this.#data.get(tensor.dataId).memoryOffset;
  }

  /** A tensor's numbers as they lie. It may go stale when memory grows. */
  viewOf(tensor: tf.Tensor): Float32Array {
    const address = this.addressOf(tensor);
    return new Float32Array(this.buffer as ArrayBuffer, address, tensor.size); // the type has no shared memory
  }

  /** Whether a tensor's data belongs to it alone. */
  isOwn(tensor: tf.Tensor): boolean {
    this.#data.get(tensor.dataId); // a tensor of another backend is counted only here
    return this.#backend.refCount(tensor.dataId) === 1;
  }

  copyOf(tensor: tf.Tensor): tf.Tensor {
    return tf.tensor(tensor.dataSync<"float32">(), tensor.shape);
  }

  /**
   * Tells the backend that a tensor was written. It keeps what it has derived from tensors, such as packed weights of
   * matMul and conv2d, until they are disposed of: so they are, without their memory, and registered again.
   */
  announceWrite(tensor: tf.Tensor): void {
    const { id, memoryOffset } = this.#data.get(tensor.dataId);
    this.#module.tfjs.disposeData(id);
    this.#module.tfjs.registerTensor(id, tensor.size, memoryOffset);
  }
}

/** What the backend keeps to itself; each field is looked at before it is used. */
interface Fields {
  readonly wasm: Partial<Module>;
  readonly dataIdMap: DataIdMap;
}

interface DataIdMap {
  get(dataId: tf.DataId): TensorData;
}

/** The memory of a backend, or null where it cannot be reached. */
export function memoryOf(backend: tf.KernelBackend): BackendMemory | null {
  const { wasm, dataIdMap }: tf.KernelBackend & Partial<Fields> = backend;
  const used = [wasm?._malloc, wasm?._free, wasm?.tfjs?.registerTensor, wasm?.tfjs?.disposeData, dataIdMap?.get];
  if (!wasm || !dataIdMap || used.some((method) => typeof method !== "function")) return null;
  const memory = exportedMemory(wasm);
  if (memory === null) return null;
  // All fields that are used were looked at.
  const found = new BackendMemory(backend, wasm as Module, memory, dataIdMap);
  return holdsTensors(found) ? found : null;
}

function exportedMemory({ asm, wasmMemory, HEAPU8 }: Partial<Module>): WebAssembly.Memory | null {
  const candidates = [wasmMemory, ...Object.values(asm ?? {})];
  const isHeap = (value: unknown): value is WebAssembly.Memory =>
    isWasmMemory(value) && value.buffer === HEAPU8?.buffer;
  return candidates.find(isHeap) ?? null;
}

const PROBE = [0.5, -2, 3];

/** Whether tensors really lie where the backend says. */
function holdsTensors(memory: BackendMemory): boolean {
  return tf.tidy(() => {
    const tensor = tf.tensor1d(PROBE);
    const address = memory.addressOf(tensor);
    if (!Number.isInteger(address) || address % 4 !== 0 || !memory.isOwn(tensor)) return false;
    const values = memory.viewOf(tensor);
    return PROBE.every((value, i) => values[i] === value);
  });
}
