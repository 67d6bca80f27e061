// Linear memory handed out in blocks and taken back. Who owns a block, and its view, is in storage.ts.

import { MAX_PAGES } from "../../../kernel/wasm/encoder.js";
import type { LinearMemory } from "./linear-memory.js";

const PAGE = 65_536;
const ALIGN = 64;
/** What is handed out ends before the last address there is: one after it would be 0 in 32 bits, before every other. */
const LIMIT = MAX_PAGES * PAGE - ALIGN;
/** Blocks from this size on are staggered. */
const LARGE = 32_768;
/** Kept free before a large block: arrays that start at the same offset modulo 4 KiB would evict each other's lines. */
const STAGGER = 16_384 + 64;

/** Thrown when WebAssembly memory cannot grow: nothing was changed. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
  /** The bytes that were asked for. */
  readonly byteLength: number;

  constructor(byteLength: number, inUse: number) {
    super(
      `rmsprop: WebAssembly memory could not grow by ${byteLength} bytes; ${inUse} bytes are in use, ` +
        `and ${LIMIT} is the limit. Dispose of variables and optimizers that are no longer needed.`,
    );
    this.byteLength = byteLength;
  }
}

interface Block {
  readonly start: number;
  readonly end: number;
}

/** First fit over a sorted list of free blocks; neighbours are joined when freed. @internal */
export class Arena implements LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  #buffer: ArrayBufferLike;
  // The second line: for those who forget dispose().
  readonly #owners = new FinalizationRegistry<{ start: number; byteLength: number }>(({ start, byteLength }) =>
    this.free(start, byteLength),
  );
  #free: Block[] = [];
  #top: number = ALIGN;

  /** Memory that threads can share where the platform gives it, if that is wanted. */
  constructor(shareable: boolean) {
    const shared = shareable ? createSharedMemory() : null;
    this.shared = shared !== null;
    this.memory = shared ?? new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
    this.#buffer = this.memory.buffer;
    this.#buffers.add(this.#buffer);
  }

  get buffer(): ArrayBufferLike {
    return this.#buffer;
  }

  /** Whether a buffer is this memory, now or before it grew. */
  owns(buffer: ArrayBufferLike): boolean {
    return buffer === this.#buffer || this.#buffers.has(buffer);
  }

  /** Aligned to 64. */
  allocate(byteLength: number): number {
    const size = Math.max(ALIGN, Math.ceil(byteLength / ALIGN) * ALIGN);
    const reused = this.#reuse(size);
    if (reused !== null) return reused;
    const start = this.#top + (size >= LARGE ? STAGGER : 0);
    this.#growTo(start + size);
    if (start > this.#top) this.#release({ start: this.#top, end: start });
    this.#top = start + size;
    return start;
  }

  allocateFor(owner: object, byteLength: number): number {
    const start = this.allocate(byteLength);
    this.#owners.register(owner, { start, byteLength }, owner);
    return start;
  }

  /** Leaves an object's memory alone when the object is collected. */
  keep(owner: object): void {
    this.#owners.unregister(owner);
  }

  freeFor(owner: object, start: number, byteLength: number): void {
    this.#owners.unregister(owner);
    this.free(start, byteLength);
  }

  free(start: number, byteLength: number): void {
    this.#release({ start, end: start + Math.max(ALIGN, Math.ceil(byteLength / ALIGN) * ALIGN) });
  }

  #reuse(size: number): number | null {
    const at = this.#free.findIndex((block) => block.end - block.start >= size);
    const block = this.#free[at];
    if (block === undefined) return null;
    const left = { start: block.start + size, end: block.end };
    this.#free.splice(at, 1, ...(left.start < left.end ? [left] : []));
    new Uint8Array(this.#buffer, block.start, size).fill(0);
    return block.start;
  }

  #release(block: Block): void {
    let at = this.#free.findIndex((other) => other.start > block.start);
    if (at < 0) at = this.#free.length;
    const [before, after] = [this.#free[at - 1], this.#free[at]];
    const joinsBefore = before?.end === block.start;
    const joinsAfter = after?.start === block.end;
    const joined = { start: joinsBefore ? before.start : block.start, end: joinsAfter ? after.end : block.end };
    this.#free.splice(at - Number(joinsBefore), Number(joinsBefore) + Number(joinsAfter), joined);
  }

  #growTo(end: number): void {
    const pages = this.#buffer.byteLength / PAGE;
    const needed = Math.ceil(end / PAGE) - pages;
    const spare = Math.min(Math.ceil(pages / 8) + 16, MAX_PAGES - pages - needed);
    if (end <= LIMIT && (needed <= 0 || this.#grow(needed + spare) || this.#grow(needed))) return;
    throw new MemoryError(end - this.#top, this.#buffer.byteLength);
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.#buffer = this.memory.buffer;
    this.#buffers.add(this.#buffer);
    return true;
  }
}

/** Memory that threads can share, where the platform gives it: Node, and pages that are cross-origin isolated. */
function createSharedMemory(): WebAssembly.Memory | null {
  const isolated: unknown = Reflect.get(globalThis, "crossOriginIsolated");
  if (typeof SharedArrayBuffer === "undefined" || isolated === false) return null;
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  } catch {
    return null; // Some platforms cannot reserve that much.
  }
}
