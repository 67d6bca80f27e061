// The memory of the wasm backend grows, between steps and in the middle of one: it is another memory then. A step that is
// computed in place goes on in it, to the same bits as on the cpu backend.
import * as tf from "@tensorflow/tfjs-core";
import { LossScaleOptimizer, RMSprop } from "rmsprop/tfjs";
import { afterEach, expect, test } from "vitest";
import { type Backend, bitsOf, startBackend, variable } from "./backends.js";

/** What the wasm backend lets us have of its memory. */
interface WasmModule {
  readonly HEAPU8: Uint8Array;
  _malloc: (byteLength: number) => number;
  _free(address: number): void;
}

const moduleOf = (backend: tf.KernelBackend): WasmModule => (backend as tf.KernelBackend & { wasm: WasmModule }).wasm;

/** Makes memory grow, by asking for all that is free; nothing of it is touched. */
function grow(): void {
  if (tf.getBackend() !== "wasm") return;
  const module = moduleOf(tf.backend());
  const { _malloc, HEAPU8 } = module;
  const taken: number[] = [];
  while (module.HEAPU8 === HEAPU8) taken.push(_malloc(2 ** 20));
  for (const address of taken) module._free(address);
}

const numbers = (length: number, seed: number) => new Float32Array(length).map((_, i) => Math.sin(i * 0.7 + seed));

afterEach(() => tf.disposeVariables());

const OPTIMIZERS = {
  plain: () => new RMSprop(),
  "with norms": () => new RMSprop({ clipnorm: 0.5, momentum: 0.9, centered: true }),
  "with a global norm and averages": () => new RMSprop({ globalClipnorm: 0.5, useEma: true }),
  "with a loss scale": () => new LossScaleOptimizer(new RMSprop({ gradientAccumulationSteps: 2 })),
} as const;

async function trained(backend: Backend, name: keyof typeof OPTIMIZERS): Promise<string[]> {
  await startBackend(backend);
  const optimizer = OPTIMIZERS[name]();
  const variables = [variable(numbers(40_000, 1)), variable(numbers(7, 2))];
  for (let call = 0; call < 2; call++) {
    tf.tidy(() =>
      optimizer.apply(
        variables.map((v, i) => tf.tensor1d(numbers(v.size, call + i + 3))),
        variables,
      ),
    );
    grow();
  }
  const bits = variables.map(bitsOf);
  for (const made of [optimizer, ...variables]) made.dispose();
  return bits;
}

test.each(Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[])("between steps, %s", async (name) => {
  expect(await trained("wasm", name)).toEqual(await trained("cpu", name));
});

/** Memory grows with each of the next allocations. */
function growWithEach(allocations: number): void {
  const module = moduleOf(tf.backend());
  const { _malloc } = module;
  let left = allocations;
  module._malloc = (byteLength) => {
    module._malloc = _malloc;
    grow();
    const address = _malloc(byteLength);
    if (--left > 0) module._malloc = growing;
    return address;
  };
  const growing = module._malloc;
}

test("in the middle of a step, because its gradients come from another backend", async () => {
  const gradientsOf = (): tf.Tensor[] => [tf.tensor1d(numbers(50, 3)), tf.tensor1d(numbers(7, 4))];
  const stepped = async (place: Backend, beforeStep: () => void): Promise<string[]> => {
    await startBackend(place);
    const gradients = gradientsOf();
    await startBackend("wasm");
    const optimizer = new RMSprop({ clipnorm: 0.5 });
    const variables = [variable(numbers(50, 1)), variable(numbers(7, 2))];
    tf.tidy(() => optimizer.apply(gradientsOf(), variables));
    beforeStep();
    optimizer.apply(gradients, variables);
    const bits = variables.map(bitsOf);
    for (const made of [optimizer, ...variables, ...gradients]) made.dispose();
    return bits;
  };
  const expected = await stepped("wasm", () => undefined);
  expect(await stepped("cpu", () => growWithEach(2))).toEqual(expected);
});

test("to addresses above 2 GiB", async () => {
  const expected = await trained("cpu", "with norms");
  await startBackend("wasm");
  const module = moduleOf(tf.backend());
  const taken: number[] = [];
  const take = (byteLength: number): number => {
    taken.push(module._malloc(byteLength));
    return (taken.at(-1) ?? 0) >>> 0; // it has a sign
  };
  // All that is free below.
  for (const byteLength of [2 ** 31, 2 ** 20, 2 ** 16, 2 ** 12, 2 ** 8, 2 ** 4]) while (take(byteLength) < 2 ** 31);
  expect(await trained("wasm", "with norms")).toEqual(expected);
  for (const address of taken) module._free(address);
});
