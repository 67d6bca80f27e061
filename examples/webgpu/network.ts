// The perceptron on a device: weights, gradients, the numbers between the layers, and the kernels over them.
import { GpuVariable } from "rmsprop/webgpu";
import { CLASSES, PIXELS } from "../digits/data.js";
import { GRADIENT_FORMAT } from "./gradients.js";
import { createBuffer, createKernel, dispatch, type Kernel } from "./kernel.js";
import { BACKWARD, DENSE, GRADIENT, SOFTMAX } from "./shaders.js";
import type { WatchedDevice } from "./watched-device.js";

const HIDDEN = 128;
const HIDDEN_LAYER = { INPUTS: PIXELS, OUTPUTS: HIDDEN };
const OUTPUT_LAYER = { INPUTS: HIDDEN, OUTPUTS: CLASSES };

/** What belongs to each weight of a layer. */
interface Layer<T> {
  readonly kernel: T;
  readonly bias: T;
}

interface Layers<T> {
  readonly hidden: Layer<T>;
  readonly output: Layer<T>;
}

const SHAPES: Layers<readonly number[]> = {
  hidden: { kernel: [PIXELS, HIDDEN], bias: [HIDDEN] },
  output: { kernel: [HIDDEN, CLASSES], bias: [CLASSES] },
};

/** The numbers of one batch. Whoever fills `batch`, `inputs` and `targets` finds the others after the passes. */
export interface BatchMemory {
  /** The place of the first row in the epoch, and how many rows there are: two whole numbers. */
  readonly batch: GPUBuffer;
  readonly inputs: GPUBuffer;
  readonly targets: GPUBuffer;
  readonly probabilities: GpuVariable;
  /** Of each row the loss, and 1 where the digit is told right. */
  readonly scores: GPUBuffer;
}

interface Memory extends BatchMemory {
  readonly hidden: GPUBuffer;
  readonly hiddenErrors: GPUBuffer;
  readonly logits: GPUBuffer;
  readonly outputErrors: GPUBuffer;
}

type Kernels = Readonly<
  Record<"hidden" | "output" | "softmax" | "outputGradient" | "hiddenErrors" | "hiddenGradient", Kernel>
>;

export class Network {
  readonly variables: readonly GpuVariable[];
  /** One for each variable, in the format of gradients.ts. */
  readonly gradients: readonly GPUBuffer[];
  readonly memory: BatchMemory;
  readonly #kernels: Kernels;
  readonly #dispose: () => void;

  /** A batch has at most `capacity` rows. Rejects where the device refuses a kernel. */
  static async create(gpu: WatchedDevice, weights: readonly ArrayLike<number>[], capacity: number): Promise<Network> {
    const memory = gpu.watch("memory for a batch", () => createMemory(gpu, capacity));
    let count = 0;
    const variables = layersOf((shape, name) => {
      const value = Float32Array.from(weights[count++] ?? []);
      return new GpuVariable(gpu.device, value, { shape, name });
    });
    const gradients = gpu.watch("memory for gradients", () =>
      layersOf((shape, name) => createGradient(gpu, shape, name)),
    );
    return new Network(memory, variables, gradients, await createKernels(gpu, memory, variables, gradients));
  }

  private constructor(memory: Memory, variables: Layers<GpuVariable>, gradients: Layers<GPUBuffer>, kernels: Kernels) {
    this.memory = memory;
    this.variables = listOf(variables);
    this.gradients = listOf(gradients);
    this.#kernels = kernels;
    const { probabilities, ...buffers } = memory;
    this.#dispose = () => {
      for (const variable of [...this.variables, probabilities]) variable.dispose();
      for (const buffer of [...this.gradients, ...Object.values(buffers)]) buffer.destroy();
    };
  }

  /** Of `rows` images in the memory: probabilities, scores, and the errors that `backward` begins with. */
  forward(pass: GPUComputePassEncoder, rows: number): void {
    dispatch(pass, this.#kernels.hidden, rows * HIDDEN);
    dispatch(pass, this.#kernels.output, rows * CLASSES);
    dispatch(pass, this.#kernels.softmax, rows);
  }

  /** After `forward`: the gradients of the batch's mean loss. */
  backward(pass: GPUComputePassEncoder, rows: number): void {
    dispatch(pass, this.#kernels.outputGradient, ((HIDDEN + 1) * CLASSES) / 2);
    dispatch(pass, this.#kernels.hiddenErrors, rows * HIDDEN);
    dispatch(pass, this.#kernels.hiddenGradient, ((PIXELS + 1) * HIDDEN) / 2);
  }

  dispose(): void {
    this.#dispose();
  }
}

/** One thing for each weight, made in Keras' order. */
function layersOf<T>(create: (shape: readonly number[], name: string) => T): Layers<T> {
  const layerOf = (name: keyof Layers<T>): Layer<T> => ({
    kernel: create(SHAPES[name].kernel, `${name} kernel`),
    bias: create(SHAPES[name].bias, `${name} bias`),
  });
  return { hidden: layerOf("hidden"), output: layerOf("output") };
}

/** In Keras' order. */
function listOf<T>({ hidden, output }: Layers<T>): readonly T[] {
  return [hidden.kernel, hidden.bias, output.kernel, output.bias];
}

function createGradient(gpu: WatchedDevice, shape: readonly number[], name: string): GPUBuffer {
  const length = shape.reduce((product, size) => product * size, 1);
  return createBuffer(gpu, `${name}, gradient`, (length / 2) * GRADIENT_FORMAT.wordsPerPair);
}

function createMemory(gpu: WatchedDevice, capacity: number): Memory {
  const perRow = (label: string, width: number): GPUBuffer => createBuffer(gpu, label, capacity * width);
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  return {
    batch: gpu.device.createBuffer({ label: "batch", size: 8, usage }),
    inputs: perRow("inputs", PIXELS),
    targets: perRow("targets", 1),
    hidden: perRow("hidden", HIDDEN),
    hiddenErrors: perRow("hidden errors", HIDDEN),
    logits: perRow("logits", CLASSES),
    outputErrors: perRow("output errors", CLASSES),
    // The memory of the first row, which is read.
    probabilities: new GpuVariable(gpu.device, perRow("probabilities", CLASSES), { shape: [CLASSES] }),
    scores: perRow("scores", 2),
  };
}

async function createKernels(
  gpu: WatchedDevice,
  memory: Memory,
  { hidden, output }: Layers<GpuVariable>,
  gradients: Layers<GPUBuffer>,
): Promise<Kernels> {
  const { batch, inputs, targets, hidden: active, hiddenErrors, logits, outputErrors, probabilities, scores } = memory;
  const kernel = (name: string, code: string, sizes: Record<string, number>, buffers: readonly GPUBuffer[]) =>
    createKernel(gpu, name, code, sizes, [batch, ...buffers]);
  const dense = (
    name: string,
    sizes: Record<string, number>,
    from: GPUBuffer,
    layer: Layer<GpuVariable>,
    to: GPUBuffer,
  ) => kernel(name, DENSE, sizes, [from, layer.kernel.buffer, layer.bias.buffer, to]);
  const gradient = (name: keyof Layers<GPUBuffer>, sizes: Record<string, number>, from: GPUBuffer, errors: GPUBuffer) =>
    kernel(`${name} gradient`, GRADIENT, sizes, [from, errors, gradients[name].kernel, gradients[name].bias]);
  return {
    hidden: await dense("hidden", { ...HIDDEN_LAYER, RELU: 1 }, inputs, hidden, active),
    output: await dense("output", { ...OUTPUT_LAYER, RELU: 0 }, active, output, logits),
    softmax: await kernel("softmax", SOFTMAX, { CLASSES }, [
      ...[logits, targets, probabilities.buffer, outputErrors, scores],
    ]),
    outputGradient: await gradient("output", OUTPUT_LAYER, active, outputErrors),
    hiddenErrors: await kernel("hidden errors", BACKWARD, OUTPUT_LAYER, [
      ...[active, output.kernel.buffer, outputErrors, hiddenErrors],
    ]),
    hiddenGradient: await gradient("hidden", HIDDEN_LAYER, inputs, hiddenErrors),
  };
}
