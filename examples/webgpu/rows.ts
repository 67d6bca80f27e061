// Digits on a device, cut into batches. The rows of a batch go into the network's memory, and its scores come back from there.
import { GpuVariable } from "rmsprop/webgpu";
import { type Digits, PIXELS } from "../digits/data.js";
import type { Score } from "../digits/train.js";
import { createBufferOf, createKernel, dispatch, type Kernel } from "./kernel.js";
import type { BatchMemory } from "./network.js";
import { GATHER } from "./shaders.js";
import type { WatchedDevice } from "./watched-device.js";

const BATCH_BYTES = 8;
const SCORE_BYTES = 8;

/** A batch: the place of its first row in the epoch, and how many rows it has. */
interface Batch {
  readonly start: number;
  readonly rows: number;
}

interface Buffers {
  readonly pixels: GPUBuffer;
  readonly labels: GPUBuffer;
  /** The row at each place of the epoch. */
  readonly order: GPUBuffer;
  /** All batches, as the network's memory has the present one. */
  readonly batches: GPUBuffer;
}

export class Rows {
  readonly count: number;
  readonly batches: readonly Batch[];
  readonly #gpu: WatchedDevice;
  readonly #memory: BatchMemory;
  readonly #buffers: Buffers;
  readonly #gather: Kernel;
  /** Of all rows in the order of the epoch. */
  readonly #scores: GpuVariable;

  static async create(gpu: WatchedDevice, memory: BatchMemory, digits: Digits, batchSize: number): Promise<Rows> {
    const count = digits.labels.length;
    const batches = Array.from({ length: Math.ceil(count / batchSize) }, (_, i): Batch => {
      const start = i * batchSize;
      return { start, rows: Math.min(batchSize, count - start) };
    });
    const buffers = gpu.watch("memory for digits", () => createBuffers(gpu, digits, batches));
    const { order, pixels, labels } = buffers;
    const bound = [memory.batch, order, pixels, labels, memory.inputs, memory.targets];
    const gather = await createKernel(gpu, "gather", GATHER, { INPUTS: PIXELS }, bound);
    return new Rows(gpu, memory, batches, buffers, gather, count);
  }

  private constructor(
    gpu: WatchedDevice,
    memory: BatchMemory,
    batches: readonly Batch[],
    buffers: Buffers,
    gather: Kernel,
    count: number,
  ) {
    this.count = count;
    this.batches = batches;
    this.#gpu = gpu;
    this.#memory = memory;
    this.#buffers = buffers;
    this.#gather = gather;
    this.#scores = new GpuVariable(gpu.device, new Float32Array(2 * count), { name: "scores" });
  }

  /** The order of the rows from now on. */
  setOrder(order: Int32Array): void {
    this.#gpu.device.queue.writeBuffer(this.#buffers.order, 0, Uint32Array.from(order));
  }

  /** Other images, as many, in the place of these. */
  setPixels(pixels: Float32Array): void {
    this.#gpu.device.queue.writeBuffer(this.#buffers.pixels, 0, Float32Array.from(pixels));
  }

  /** Encodes a pass over the rows of a batch, which begins by gathering them; keeps their scores. */
  encode(
    encoder: GPUCommandEncoder,
    index: number,
    compute: (pass: GPUComputePassEncoder, rows: number) => void,
  ): void {
    const { batch, scores } = this.#memory;
    const { start, rows } = this.batches[index] ?? { start: 0, rows: 0 };
    encoder.copyBufferToBuffer(this.#buffers.batches, index * BATCH_BYTES, batch, 0, BATCH_BYTES);
    const pass = encoder.beginComputePass();
    dispatch(pass, this.#gather, rows * PIXELS);
    compute(pass, rows);
    pass.end();
    encoder.copyBufferToBuffer(scores, 0, this.#scores.buffer, start * SCORE_BYTES, rows * SCORE_BYTES);
  }

  /** The mean over all rows, as each batch left theirs. */
  async readScore(): Promise<Score> {
    const scores = await this.#scores.read();
    const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      loss: meanOf(scores.filter((_, i) => i % 2 === 0)),
      accuracy: meanOf(scores.filter((_, i) => i % 2 === 1)),
    };
  }

  dispose(): void {
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
    this.#scores.dispose();
  }
}

function createBuffers(gpu: WatchedDevice, { pixels, labels }: Digits, batches: readonly Batch[]): Buffers {
  return {
    pixels: createBufferOf(gpu, "pixels", Float32Array.from(pixels)),
    labels: createBufferOf(gpu, "labels", Uint32Array.from(labels)),
    order: createBufferOf(gpu, "order", Uint32Array.from(labels.keys())),
    batches: createBufferOf(gpu, "batches", Uint32Array.from(batches.flatMap(({ start, rows }) => [start, rows]))),
  };
}
