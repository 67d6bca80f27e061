// Files of few bytes that stand for very much, and files whose structures share bytes: refused by a limit that is named, or as
// what they are, before anything is made of them.
import { unzipSync, zipSync } from "fflate";
import * as h5wasm from "h5wasm";
import { KerasFileError, readKeras } from "rmsprop/keras";
import { describe, expect, test } from "vitest";
import { HDF5_BOMBS } from "./bombs/hdf5-bombs.js";
import { JSON_BOMBS, ZIP_BOMBS } from "./bombs/zip-bombs.js";
import { fixture } from "./expected.js";

const MODEL = "tensorflow-plain.keras";
const WEIGHTS = "tensorflow-plain.weights.h5";

/** The model's file with another config. */
function withConfig(config: unknown): Uint8Array {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return zipSync({ ...unzipSync(fixture(MODEL)), "config.json": new TextEncoder().encode(text) }, { level: 0 });
}

async function problemOf(bytes: Uint8Array): Promise<string> {
  const error = await readKeras(bytes).then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof KerasFileError
    ? `${error.problem}: ${error.message.replace("readKeras: ", "")}`
    : String(error);
}

const layer = (class_name: string, config: object) => ({ class_name, config });
const model = (...layers: object[]) => layer("Sequential", { name: "m", layers });

function nested(levels: number, around: (inner: object) => object, innermost: object): object {
  let inner = innermost;
  for (let level = 0; level < levels; level++) inner = around(inner);
  return inner;
}

describe("a config", () => {
  test("of layers that double at each level is refused", async () => {
    const dense = layer("Dense", {});
    const deep = nested(27, (inner) => layer("Bidirectional", { layer: inner }), dense);
    expect(await problemOf(withConfig(model(deep)))).toMatch(/^limit: .*limits\.(layers|nameLength)=/);
  });

  test("of very many layers is refused by limits.layers", async () => {
    const part = layer("Dense", {});
    const layers = Array.from({ length: 100_001 }, () => part);
    expect(await problemOf(withConfig(model(...layers)))).toMatch(/^limit: .*limits\.layers=100000/);
  });

  test("of long names within each other is refused by limits.nameLength", async () => {
    const name = "n".repeat(250_000);
    const deep = nested(18, (inner) => layer("Functional", { name, layers: [inner] }), layer("Dense", { name }));
    expect(await problemOf(withConfig(model(deep)))).toMatch(/^limit: .*limits\.nameLength=16777216/);
  });

  test("of very many values is refused by limits.jsonValues", async () => {
    const text = `{"class_name":"Sequential","config":{"layers":[${"0,".repeat(2 ** 21)}0]}}`;
    expect(await problemOf(withConfig(text))).toMatch(/^limit: .*limits\.jsonValues=1048576/);
  });
});

const OVERLAP = /^refused: structures of the file overlap/;

test.each([
  ["a continuation that points at itself", HDF5_BOMBS["continuations in a circle"]?.(0), OVERLAP],
  ["a tree that points at itself", HDF5_BOMBS["a tree that points at itself"]?.(0), OVERLAP],
  ["a free list in a circle", HDF5_BOMBS["a free list in a circle"]?.(3), OVERLAP],
  ["names that share bytes", HDF5_BOMBS["names that share bytes"]?.(3), OVERLAP],
  ["254 filters that shuffle", HDF5_BOMBS["254 filters that shuffle"]?.(9), /^refused: .*by one filter more than once/],
  ["40 packed arrays", HDF5_BOMBS["40 packed arrays"]?.(5000), /^limit: .*and all before it.* limits\.expansion=20/],
  [
    "a chunk of 65 MB",
    HDF5_BOMBS["a chunk that unpacks to much"]?.(68_000),
    /^limit: .*chunk.* limits\.chunkByteLength=/,
  ],
  ["two attributes with one text", HDF5_BOMBS["attributes with one text"]?.(2), /^damaged: .*has no value/],
  [
    "120 packed members",
    ZIP_BOMBS["packed members of much"]?.(2000),
    /^limit: .*and all before it.* limits\.expansion=20/,
  ],
  ["members that share bytes", ZIP_BOMBS["members that reach into the next"]?.(3), OVERLAP],
  [
    "keys that engines take much room for",
    JSON_BOMBS["keys that are numbers"]?.(1000),
    /^limit: .*limits\.jsonValues=/,
  ],
  [
    "layers whose names are long in all",
    JSON_BOMBS["a long name over many arrays"]?.(1000),
    /^limit: .*limits\.nameLength=/,
  ],
])("%s: refused", async (_, bytes, problem) => {
  expect(await problemOf(bytes ?? new Uint8Array(0))).toMatch(problem);
});

test("two layers of a config that have one place in a file are refused", async () => {
  const layers = ["Own", "Own", "Own_1"].map((name) => layer(name, {}));
  expect(await problemOf(withConfig(model(...layers)))).toMatch(/^damaged: the config lists two layers/);
});

test("an array in layers within layers is one weight, that of the innermost", async () => {
  const file = await readKeras(HDF5_BOMBS["arrays in layers within layers"]?.(40) ?? new Uint8Array(0));
  expect(file.weights.length).toBe(40); // one is the model's own
  expect(file.arrays.length).toBe(40);
  file.dispose();
});

test("members of a zip, each within its limits, are refused for what they unpack to together", async () => {
  const zeros = new Uint8Array(2 ** 23);
  const bomb = Object.fromEntries([0, 1, 2].map((i) => [`assets/${i}`, zeros]));
  const bytes = zipSync({ ...unzipSync(fixture(MODEL)), ...bomb });
  expect(await problemOf(bytes)).toMatch(/^limit: .*and all before it.* limits\.expansion=20/);
});

test("packed arrays, each within its limits, are refused for what they unpack to together", async () => {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File("bomb.h5", "w", { libver: ["earliest", "v108"] });
  const data = new Float32Array(2 ** 21);
  for (const i of [0, 1, 2]) {
    const filter = { compression: 1, compression_opts: [9] };
    file.create_dataset({ name: `${i}`, data, shape: [2 ** 21], dtype: "<f", chunks: [2 ** 21], ...filter });
  }
  file.close();
  const problem = await problemOf(new Uint8Array(FS.readFile("bomb.h5")));
  expect(problem).toMatch(/^limit: .*and all before it.* limits\.expansion=20/);
});

test("an array that one filter packs more than once is refused", async () => {
  const bytes = fixture("h5py-packed.weights.h5");
  const at = Buffer.from(bytes).indexOf("deflate") - 8;
  expect(bytes[at]).toBe(1);
  bytes[at] = 2; // as the shuffle before it
  expect(await problemOf(bytes)).toMatch(/^refused: .*by one filter more than once/);
});

test("a chunk that leaves out a filter that the array does not have is refused", async () => {
  const bytes = fixture("h5py-packed.weights.h5");
  // The first key of the tree of chunks: the length of a chunk, its mask.
  const tree = Buffer.from(bytes).indexOf(Buffer.from("TREE\x01", "latin1"));
  bytes[tree + 24 + 4] = 0b100;
  expect(await problemOf(bytes)).toMatch(/^damaged: a chunk of .* leaves out filters/);
});

describe("two structures over the same bytes are refused:", () => {
  const addresses = new Map<string, number>();
  const bytesAt = (bytes: Uint8Array, address: number): number => {
    const needle = Buffer.alloc(8);
    needle.writeBigUInt64LE(BigInt(address));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(needle);
  };

  test.each([
    ["two arrays in one place", (own: number, other: number) => (own === other ? null : other)],
    ["an array that begins within another", (own: number, other: number) => (own === other ? null : other + 4)],
    ["an array over the head of the file", () => 8],
  ])("%s", async (_, placeOf) => {
    const bytes = fixture(WEIGHTS);
    const { readHdf5 } = await import("../../src/keras/hdf5/read.js");
    const { DEFAULT_LIMITS } = await import("../../src/keras/limits.js");
    for (const { path, address, shape } of readHdf5(bytes, DEFAULT_LIMITS).arrays.values()) {
      if (address !== null && shape.length > 0) addresses.set(path, address); // a scalar has no other element to begin at
    }
    const kernels = [...addresses].filter(([path]) => path.startsWith("optimizer/vars/"));
    const same = kernels.map(([, address]) => address);
    let tried = 0;
    for (const own of same) {
      for (const other of same) {
        const place = placeOf(own, other);
        if (place === null) continue;
        const changed = Uint8Array.from(bytes);
        new DataView(changed.buffer).setBigUint64(bytesAt(changed, own), BigInt(place), true);
        expect(await problemOf(changed)).toMatch(/^(refused: structures of the file overlap|damaged: )/);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(0);
  });
});

// Of a message that says float32: the parts of an IEEE number, each of which another kind of number has elsewhere.
test.each([
  ["another order of bytes, of VAX", 1, 0x60],
  ["no implied first bit", 1, 0x00],
  ["the sign elsewhere", 2, 0x1e],
  ["a bit offset", 8, 1],
  ["another precision", 10, 31],
  ["the exponent elsewhere", 12, 22],
  ["the fraction elsewhere", 14, 1],
  ["another bias", 16, 0x7e],
])("a float32 with %s is none of IEEE 754, and refused", async (_, offset, value) => {
  const bytes = fixture(WEIGHTS);
  const type = Buffer.from([0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 0x20, 0, 0x17, 8, 0, 0x17, 0x7f, 0, 0, 0]);
  const at = Buffer.from(bytes).indexOf(type);
  expect(at).toBeGreaterThan(0);
  bytes[at + offset] = value;
  expect(await problemOf(bytes)).toMatch(/^unsupported: .* holds numbers that are not those of IEEE 754/);
});
