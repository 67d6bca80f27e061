// TensorFlow.js' webgpu backend in Node, over Dawn, and what tests ask of it.
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { useWebGpu } from "rmsprop/tfjs/webgpu";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import { globals } from "webgpu";
import { bits, memory } from "../tfjs/backends.js";
import { gpu } from "./device.js";

/** Makes it the current backend. What it reads must be awaited: there is no canvas to read through at once. */
export async function startTensors(): Promise<WebGPUBackend> {
  tf.enableProdMode();
  // It looks for those of a page.
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "node" }, configurable: true });
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error("the webgpu backend of TensorFlow.js did not start");
  return currentBackend();
}

export function currentBackend(): WebGPUBackend {
  return tf.backend() as WebGPUBackend;
}

/** Runs `act` while this stands for the backend, as far as TensorFlow.js knows. */
export async function standingIn<T>(other: tf.KernelBackend, act: () => Promise<T>): Promise<T> {
  const { registry } = tf.engine();
  const real = currentBackend();
  const take = async (backend: tf.KernelBackend): Promise<void> => {
    registry.webgpu = backend;
    await tf.setBackend("webgpu");
  };
  await take(other);
  try {
    return await act();
  } finally {
    await take(real);
  }
}

/** The backend for the tests of a file; each must end with as many tensors and bytes as it began with. */
export function useTensors(): void {
  let before: ReturnType<typeof memory>;

  beforeAll(async () => {
    useWebGpu();
    await startTensors();
  });

  beforeEach(() => {
    before = memory();
  });

  afterEach(() => {
    tf.env().set("RMSPROP_FUSED", true);
    const after = memory();
    tf.disposeVariables(); // so that a failure stays one
    expect(after).toEqual(before);
  });
}

/** A tensor on the device. The backend computes small ones on the processor until they are there. */
export function onDevice(values: readonly number[]): tf.Tensor {
  const tensor = tf.tensor1d([...values]);
  currentBackend().uploadToGPU(tensor.dataId);
  return tensor;
}

/** A tensor that an operation on the device makes, which need not have been submitted yet. */
export function computed(values: readonly number[]): tf.Tensor {
  return tf.tidy(() => tf.sub(tf.add(onDevice(values), 1), 1));
}

export async function numbersOf(tensor: tf.Tensor): Promise<number[]> {
  return [...(await tensor.data())];
}

export async function bitsOf(tensor: tf.Tensor): Promise<string> {
  return bits(await tensor.data());
}

const OWN_LABELS = /^(scalars|parts|sums)$|_norms$/;

/** From now on: the number of buffers of ours that were made and not destroyed. The backend gives its own no label. */
export function watchOwnBuffers(): () => number {
  const { device } = currentBackend();
  const live = new Set<GPUBuffer>();
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    if (OWN_LABELS.test(descriptor.label ?? "")) live.add(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      destroy();
    };
    return buffer;
  };
  return () => live.size;
}
