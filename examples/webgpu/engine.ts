// The engine: trains the perceptron with an optimizer of rmsprop/webgpu. A step is one command buffer and one submit, and nothing
// comes back from the device until somebody asks for a score.
import type { GpuVariable, Optimizer } from "rmsprop/webgpu";
import { PIXELS, type Split } from "../digits/data.js";
import type { Score } from "../digits/train.js";
import { GRADIENT_FORMAT } from "./gradients.js";
import { Network } from "./network.js";
import { Rows } from "./rows.js";
import { WatchedDevice } from "./watched-device.js";

/** What an engine is made of. */
interface EngineParts {
  /** Fresh, or with a state for four variables; the engine disposes of it. */
  readonly optimizer: Optimizer;
  /** Kernel and bias of the hidden layer, then of the output layer. */
  readonly weights: readonly ArrayLike<number>[];
  readonly data: Split;
  readonly batchSize: number;
}

interface RowSets {
  readonly training: Rows;
  readonly heldOut: Rows;
  /** One image that is asked about. */
  readonly asked: Rows;
}

export class Engine {
  readonly optimizer: Optimizer;
  readonly variables: readonly GpuVariable[];
  readonly #gpu: WatchedDevice;
  readonly #network: Network;
  readonly #rows: RowSets;
  readonly #gradients: ReturnType<typeof GRADIENT_FORMAT.asGradient>[];

  /** Rejects with an Error where the device refuses a part of it. */
  static async create({ optimizer, weights, data, batchSize }: EngineParts): Promise<Engine> {
    const gpu = new WatchedDevice(optimizer.device);
    const heldOutRows = data.heldOut.labels.length;
    const network = await Network.create(gpu, weights, Math.max(batchSize, heldOutRows));
    const rowsOf = (...of: [digits: Split["heldOut"], batchSize: number]) => Rows.create(gpu, network.memory, ...of);
    const rows = {
      training: await rowsOf(data.training, batchSize),
      heldOut: await rowsOf(data.heldOut, heldOutRows),
      asked: await rowsOf({ pixels: new Float32Array(PIXELS), labels: new Uint8Array(1) }, 1),
    };
    optimizer.build(network.variables);
    await gpu.check();
    return new Engine(optimizer, gpu, network, rows);
  }

  private constructor(optimizer: Optimizer, gpu: WatchedDevice, network: Network, rows: RowSets) {
    this.optimizer = optimizer;
    this.variables = network.variables;
    this.#gpu = gpu;
    this.#network = network;
    this.#rows = rows;
    this.#gradients = network.gradients.map((buffer) => GRADIENT_FORMAT.asGradient(buffer));
  }

  /** Digits that it trains on. */
  get trainingRows(): number {
    return this.#rows.training.count;
  }

  /** Steps in an epoch. */
  get steps(): number {
    return this.#rows.training.batches.length;
  }

  /** The order of the rows in the epoch that comes. */
  startEpoch(order: Int32Array): void {
    this.#rows.training.setOrder(order);
  }

  /** Makes the steps of an epoch from `first` to the one before `end`, and waits for the device. */
  async train(first: number, end: number): Promise<void> {
    this.#gpu.watch("a step", () => {
      for (let step = first; step < Math.min(end, this.steps); step++)
        this.#submit((encoder) => this.#encodeStep(encoder, step));
    });
    await this.#gpu.finish();
  }

  /** The mean over the rows of the last epoch, each with the weights before its step. */
  trainingScore(): Promise<Score> {
    return this.#rows.training.readScore();
  }

  /** The score of the present weights on the rows held out. */
  async heldOutScore(): Promise<Score> {
    this.#forward(this.#rows.heldOut);
    await this.#gpu.check();
    return this.#rows.heldOut.readScore();
  }

  /** Ten probabilities of an image; ask about one at a time. */
  async predict(pixels: Float32Array): Promise<Float32Array> {
    this.#rows.asked.setPixels(pixels);
    this.#forward(this.#rows.asked);
    await this.#gpu.check();
    return this.#network.memory.probabilities.read();
  }

  dispose(): void {
    this.optimizer.dispose();
    this.#network.dispose();
    for (const rows of Object.values(this.#rows)) rows.dispose();
  }

  #encodeStep(encoder: GPUCommandEncoder, step: number): void {
    this.#rows.training.encode(encoder, step, (pass, rows) => {
      this.#network.forward(pass, rows);
      this.#network.backward(pass, rows);
    });
    this.optimizer.encode(encoder, this.#gradients);
  }

  /** Of rows that are one batch. */
  #forward(rows: Rows): void {
    this.#gpu.watch("a forward pass", () =>
      this.#submit((encoder) => rows.encode(encoder, 0, (pass, count) => this.#network.forward(pass, count))),
    );
  }

  #submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder();
    encode(encoder);
    device.queue.submit([encoder.finish()]);
  }
}
