// A view of a part of linear memory that may be kept. Growth takes the memory away from under every view there is (where
// threads share it, the views of before just end too early): who keeps one keeps it in a LiveView and asks each time anew.
import type { LinearMemory } from "./linear-memory.js";

type ViewClass<V> = new (buffer: ArrayBuffer, byteOffset: number, length: number) => V;

export class LiveView<V> {
  readonly #memory: Pick<LinearMemory, "buffer">;
  readonly #Class: ViewClass<V>;
  readonly #start: number;
  readonly #length: number;
  /** What `#view` is a view of: to ask the view itself takes ten times as long. */
  #buffer: ArrayBufferLike | null = null;
  #view: V | null = null;

  /** `length` elements from the address `start` on. */
  constructor(memory: Pick<LinearMemory, "buffer">, Class: ViewClass<V>, start: number, length: number) {
    this.#memory = memory;
    this.#Class = Class;
    this.#start = start;
    this.#length = length;
  }

  /** The view, until memory grows: for the statement at hand, or for as long as nothing can be allocated. */
  get now(): V {
    const { buffer } = this.#memory;
    if (this.#view === null || this.#buffer !== buffer) {
      // Typed arrays take shared memory, too; their constructors' types have one overload for both kinds less.
      this.#view = new this.#Class(buffer as ArrayBuffer, this.#start, this.#length);
      this.#buffer = buffer;
    }
    return this.#view;
  }
}
