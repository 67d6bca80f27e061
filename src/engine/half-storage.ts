// Gradients of two bytes a number, in memory of the user's: read as float32, and never written.
import { bitsOf, bufferOf, lengthOf, placeOf } from "../check/built-ins.js";
import { type HalfFormat, widen } from "../rule/half.js";
import type { Storage } from "./engine.js";

export class HalfStorage implements Storage {
  readonly dtype = "float32";
  readonly length: number;
  readonly borrowed = true;
  /** A Uint16Array or a Float16Array. */
  readonly data: ArrayLike<number>;
  readonly format: HalfFormat;
  #view: Float32Array | null = null;

  constructor(data: ArrayLike<number>, format: HalfFormat) {
    this.data = data;
    this.format = format;
    this.length = lengthOf(data);
  }

  get memory(): ArrayBufferLike {
    return bufferOf(this.data);
  }

  get address(): number {
    return placeOf(this.data).start;
  }

  /** The numbers as they are now, in memory that the next look at them fills again. */
  get view(): Float32Array {
    this.#view ??= new Float32Array(this.length);
    widen(this.format, bitsOf(this.data, 0, this.length), this.#view);
    return this.#view;
  }

  expose(): Float32Array {
    return this.view;
  }

  owns(buffer: ArrayBufferLike): boolean {
    return buffer === this.memory;
  }

  free(): void {
    // The memory is the user's.
  }
}
