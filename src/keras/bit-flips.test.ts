// Each single bit of a real file that is turned, outside of the data of its arrays: it is refused, or changes nothing, or is in
// one of the few fields that the format has nothing to compare with. docs/keras-files.md says which.
import { expect, test } from "vitest";
import { fixture } from "../../test/keras-files/expected.js";
import { fieldsOf } from "../../test/keras-files/hdf5-fields.js";
import { isThorough } from "../../test/seed.js";
import { KerasFileError } from "./errors.js";
import { type Hdf5File, readHdf5 } from "./hdf5/read.js";
import { DEFAULT_LIMITS } from "./limits.js";

const BYTES = fixture("tensorflow-plain.weights.h5");
/** Of 144,864 bits, those that make it another file, by their field. */
const UNSEEN: Readonly<Record<string, number>> = {
  "name heap: name": 302, // a letter of a name, where the order of names stays
  "attribute: name": 112,
  "text heap: text": 210,
  "datatype: flags": 11, // the order of bytes of an array, and whether a count has a sign
  "layout: address": 30, // of an array, and unused bytes are there
};
// A prime, so that all fields and bits have their turn.
const STEP = isThorough ? 1 : 97;

const read = (bytes: Uint8Array): Hdf5File => readHdf5(bytes, DEFAULT_LIMITS);

function textOf({ arrays, attributes }: Hdf5File): string {
  const values = [...arrays.values()].map((array) => `${array.path} ${array.dtype} [${array.shape}] ${array.values()}`);
  const texts = [...attributes].map(([path, own]) => `${path} ${JSON.stringify([...own])}`);
  return [...values, ...texts].join("\n");
}

/** Which bytes are those of arrays. */
function dataOf({ arrays }: Hdf5File): Set<number> {
  const data = new Set<number>();
  for (const { address, shape, dtype } of arrays.values()) {
    const byteLength = shape.reduce((product, length) => product * length, dtype === "int64" ? 8 : 4);
    for (let i = 0; i < byteLength; i++) data.add((address ?? 0) + i);
  }
  return data;
}

test("a turned bit of a real file is seen, or is in a field with nothing to compare it with", {
  timeout: 600_000,
}, () => {
  const file = read(BYTES);
  const [expected, data, fields] = [textOf(file), dataOf(file), fieldsOf(BYTES)];
  const bits = Array.from({ length: 8 * BYTES.length }, (_, bit) => bit).filter((bit) => !data.has(bit >> 3));
  expect(bits.length).toBe(144_864);
  const unseen: Record<string, number> = {};
  for (let i = 0; i < bits.length; i += STEP) {
    const bit = bits[i] ?? 0;
    const bytes = BYTES.slice();
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      if (textOf(read(bytes)) === expected) continue;
      const field = fields[bit >> 3] || "a gap";
      unseen[field] = (unseen[field] ?? 0) + 1;
    } catch (error) {
      if (!(error instanceof KerasFileError)) throw error;
    }
  }
  console.log(`turned bits that make another file, of ${Math.ceil(bits.length / STEP)}:`, unseen);
  if (isThorough) expect(unseen).toEqual(UNSEEN);
  for (const [field, count] of Object.entries(unseen)) expect(count, field).toBeLessThanOrEqual(UNSEEN[field] ?? 0);
});
