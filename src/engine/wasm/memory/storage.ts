// One array in linear memory: its address, and a view that follows the memory when it grows.
import type { DType } from "../../../rule/plan.js";
import { FLOAT_ARRAYS, sizeOfArray } from "../../arrays.js";
import type { FloatArray, HostArray, Storage } from "../../engine.js";
import type { Placement } from "../workspace.js";
import type { Arena } from "./arena.js";
import { LiveView } from "./live-view.js";

/** Where core's arrays lie in an arena. */
export function placementIn(arena: Arena): Placement<HostArray> {
  return {
    addressOf: (array) => (array instanceof ArenaStorage && array.arena === arena ? array.address : -1),
    lengthOf: sizeOfArray,
  };
}

export class ArenaStorage implements Storage {
  readonly dtype: DType;
  readonly length: number;
  readonly arena: Arena;
  /** The byte offset in linear memory; it never changes. */
  readonly address: number;
  readonly borrowed: boolean;
  readonly #view: LiveView<FloatArray>;
  #freed = false;

  /** Allocates, unless `address` says where the elements lie already. */
  constructor(arena: Arena, dtype: DType, length: number, address: number | null = null) {
    this.arena = arena;
    this.dtype = dtype;
    this.length = length;
    this.borrowed = address !== null;
    this.address = address ?? arena.allocateFor(this, length * FLOAT_ARRAYS[dtype].BYTES_PER_ELEMENT);
    this.#view = new LiveView<FloatArray>(arena, FLOAT_ARRAYS[dtype], this.address, length);
  }

  get memory(): object {
    return this.arena;
  }

  owns(buffer: ArrayBufferLike): boolean {
    return this.arena.owns(buffer);
  }

  get view(): FloatArray {
    if (this.#freed) throw new ReferenceError("rmsprop: this memory was given back by dispose(). Make a new object.");
    return this.#view.now;
  }

  expose(): FloatArray {
    // Parts of a view outlive it, and nothing tells of them: memory under them must not be handed out again.
    if (!this.borrowed) this.arena.keep(this);
    return this.view;
  }

  free(): void {
    if (this.#freed || this.borrowed) return;
    this.#freed = true;
    this.arena.freeFor(this, this.address, this.length * FLOAT_ARRAYS[this.dtype].BYTES_PER_ELEMENT);
  }
}
