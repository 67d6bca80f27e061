// The uniform blocks of an optimizer: the scalars of a step, and the numbers of each dispatch.
import { scalarNames } from "../../kernel/wgsl/step.js";
import type { Rule } from "../../rule/rule.js";
import type { ScalarValues } from "../../rule/scalars.js";
import { cached } from "../cached.js";
import { USAGE } from "./array.js";

const BLOCKS_A_BUFFER = 64;
const STEPS_A_BUFFER = 256;

/** Blocks of whole numbers, each written once: equal numbers are the same block. */
export class PartBlocks {
  readonly #device: GPUDevice;
  readonly #stride: number;
  readonly #blocks = new Map<string, GPUBufferBinding>();
  readonly #buffers: GPUBuffer[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#stride = device.limits.minUniformBufferOffsetAlignment;
  }

  of(numbers: readonly number[]): GPUBufferBinding {
    return cached(this.#blocks, numbers.join(), () => this.#create(numbers));
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #create(numbers: readonly number[]): GPUBufferBinding {
    const index = this.#blocks.size % BLOCKS_A_BUFFER;
    if (index === 0) {
      const size = BLOCKS_A_BUFFER * this.#stride;
      this.#buffers.push(this.#device.createBuffer({ label: "parts", size, usage: USAGE.UNIFORM | USAGE.COPY_DST }));
    }
    const buffer = this.#buffers.at(-1) as GPUBuffer; // one was made for the first block
    const offset = index * this.#stride;
    this.#device.queue.writeBuffer(buffer, offset, Uint32Array.from(numbers));
    return { buffer, offset, size: Math.ceil(numbers.length / 4) * 16 };
  }
}

/** The scalars of a step in one block. */
export class ScalarUniforms {
  readonly #device: GPUDevice;
  readonly #names: readonly string[];
  readonly #values: Float32Array<ArrayBuffer>;
  readonly #buffer: GPUBuffer;
  #recorded: GPUBuffer | null = null;
  #recordedSteps = 0;

  constructor(device: GPUDevice, rule: Rule) {
    this.#device = device;
    this.#names = scalarNames(rule);
    this.#values = new Float32Array(Math.ceil(this.#names.length / 4) * 4);
    const usage = USAGE.UNIFORM | USAGE.COPY_DST;
    this.#buffer = device.createBuffer({ label: "scalars", size: this.#values.byteLength, usage });
  }

  get binding(): GPUBufferBinding {
    return { buffer: this.#buffer };
  }

  /** For a step that is submitted at once. */
  write(scalars: ScalarValues): void {
    this.#fill(scalars);
    this.#device.queue.writeBuffer(this.#buffer, 0, this.#values);
  }

  /**
   * For a step that somebody submits later, perhaps after others: its scalars wait in a place of their own, and its
   * commands begin with a copy. A new buffer is made for every 256 steps, since nobody says when the last one is free.
   */
  record(encoder: GPUCommandEncoder, scalars: ScalarValues): void {
    const { byteLength } = this.#values;
    const index = this.#recordedSteps++ % STEPS_A_BUFFER;
    if (this.#recorded === null || index === 0) {
      const usage = USAGE.COPY_SRC | USAGE.COPY_DST;
      this.#recorded = this.#device.createBuffer({ label: "scalars", size: STEPS_A_BUFFER * byteLength, usage });
    }
    this.#fill(scalars);
    this.#device.queue.writeBuffer(this.#recorded, index * byteLength, this.#values);
    encoder.copyBufferToBuffer(this.#recorded, index * byteLength, this.#buffer, 0, byteLength);
  }

  destroy(): void {
    this.#buffer.destroy();
    this.#recorded?.destroy();
  }

  #fill(scalars: ScalarValues): void {
    for (let i = 0; i < this.#names.length; i++) this.#values[i] = scalars.get(this.#names[i] ?? "");
  }
}
