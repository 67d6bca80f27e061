// engine/wasm/memory/: linear memory, what is handed out of it, and views that outlive its growth.
//
// A linear memory that kernels run over. Our own is in arena.ts; a face may bring another one.

export interface LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** Whether other threads can work on it. */
  readonly shared: boolean;
  /** The memory as it is now; another one after it has grown. What views it for longer than a statement is a LiveView. */
  readonly buffer: ArrayBufferLike;
  /** The address of so many zeroed bytes, for good. None of them is the last one of 4 GiB. Throws MemoryError. */
  allocate(byteLength: number): number;
  /** The same for an object: the bytes come back by `freeFor`, at the latest when the object is collected. */
  allocateFor(owner: object, byteLength: number): number;
  freeFor(owner: object, start: number, byteLength: number): void;
}
