// The bytes of Keras' files in every form and at every offset: what is read is the same, stays the same whatever becomes of
// the bytes, and nothing of them changes.

import * as h5wasm from "h5wasm";
import { type KerasFile, readKeras } from "rmsprop/keras";
import { beforeAll, expect, test } from "vitest";
import { abroad, BYTE_FORMS } from "../contract/forms.js";
import fc from "../property.js";
import { fixture } from "./expected.js";

const NAMES = ["tensorflow-plain.keras", "tensorflow-plain.weights.h5", "jax-mixed.keras", "h5py-packed.weights.h5"];

interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly texts: readonly string[];
}

const samples: Sample[] = [];

beforeAll(async () => {
  const files = NAMES.map((name) => [name, new Uint8Array(fixture(name))] as const);
  for (const [name, bytes] of [...files, ["chunks", await chunked()] as const]) {
    samples.push({ name, bytes, texts: textsOf(await readKeras(bytes)) });
  }
});

function textsOf({ arrays, optimizer, weights }: KerasFile): string[] {
  return [
    ...arrays.map(({ path, dtype, shape, values }) => `${path} ${dtype} [${shape}] ${values().join()}`),
    ...weights.map((weight) => `${weight.name} ${weight}`),
    `${optimizer?.className} ${optimizer?.iterations}`,
  ];
}

/** Arrays in chunks that are shuffled, packed, both, or neither: each filter alone gets the bytes of the file itself. */
async function chunked(): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File("chunks.h5", "w", { libver: ["earliest", "v108"] });
  const group = file.create_group("layers").create_group("dense").create_group("vars");
  const filters = [{ compression: SHUFFLE, compression_opts: [] }, { compression: DEFLATE, compression_opts: [4] }, {}];
  for (const [i, filter] of filters.entries()) {
    for (const [name, data, dtype] of [
      ["f", NUMBERS, "<f"],
      ["d", Float64Array.from(NUMBERS), "<d"],
    ] as const) {
      group.create_dataset({ name: `${i}${name}`, data, shape: [4, 6], dtype, chunks: [2, 4], ...filter });
    }
  }
  file.close();
  return new Uint8Array(FS.readFile("chunks.h5"));
}

const SHUFFLE = 2;
const DEFLATE = 1;
const NUMBERS = Float32Array.from({ length: 24 }, (_, i) => i + 0.5);

test("chunks of every filter hold the numbers that were written", async () => {
  const file = await readKeras(await chunked());
  expect(file.arrays.length).toBe(6);
  for (const { values } of file.arrays) expect([...values()]).toEqual([...NUMBERS]);
});

test("readKeras reads bytes of every form at every offset, and changes none of them", async () => {
  const form = fc.constantFrom(...Object.keys(BYTE_FORMS));
  await fc.assert(
    fc.asyncProperty(form, fc.nat(17), fc.nat(NAMES.length), async (name, offset, at) => {
      const sample = samples[at];
      const given = sample && BYTE_FORMS[name]?.(sample.bytes, offset);
      if (given === undefined) throw new TypeError(name);
      const before = given.memory.slice();
      const file = await readKeras(given.bytes);
      expect(textsOf(file)).toEqual(sample?.texts);
      expect(Buffer.compare(given.memory, before)).toBe(0);
      file.dispose();
    }),
    { numRuns: 120, seed: 20_260 },
  );
});

test("an ArrayBuffer of any realm is bytes, too", async () => {
  const bytes = new Uint8Array(fixture("tensorflow-plain.weights.h5"));
  const texts = textsOf(await readKeras(bytes));
  expect(textsOf(await readKeras(bytes.buffer as ArrayBuffer))).toEqual(texts);
  expect(textsOf(await readKeras(abroad(bytes).buffer as ArrayBuffer))).toEqual(texts);
  await expect(readKeras({ [Symbol.toStringTag]: "ArrayBuffer" } as never)).rejects.toThrow(/bytes must be/);
});

test("a file is what it was when it was read, whatever becomes of its bytes", async () => {
  for (const { bytes, texts, name } of samples) {
    const given = bytes.slice();
    const reading = readKeras(given);
    given.fill(0); // while it is read
    const file = await reading;
    expect(textsOf(file), name).toEqual(texts);
    if (name.includes("packed") || name === "chunks") continue; // those are written anew
    expect(Buffer.compare(await file.toBytes(), await (await readKeras(bytes)).toBytes()), name).toBe(0);
  }
});
