// Files that are damaged, hostile or of another kind: each gives an error that says what is wrong, before memory is taken.
import { zipSync } from "fflate";
import { RMSprop, saveCheckpoint } from "rmsprop";
import { type FileLimits, type FileProblem, KerasFileError, readKeras } from "rmsprop/keras";
import { describe, expect, test } from "vitest";
import { fixture } from "./expected.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hdf5 = fixture("tensorflow-plain.weights.h5");
const keras = fixture("tensorflow-plain.keras");
const config = text('{"class_name": "Sequential", "config": {"name": "s", "layers": []}}');
const zip = (members: Record<string, Uint8Array>, level: 0 | 6 = 0) => zipSync(members, { level });
const withConfig = (json: string) => zip({ "config.json": text(json), "model.weights.h5": hdf5 });
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** A file, the kind of its error, what the message says, and limits other than the defaults. */
const FILES: readonly (readonly [string, Uint8Array, FileProblem, RegExp, FileLimits?])[] = [
  ["nothing", new Uint8Array(0), "unsupported", /there are no bytes/],
  ["text", text("hello"), "unsupported", /neither a zip/],
  [
    "a pointer of Git LFS",
    text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
    "unsupported",
    /git lfs pull/,
  ],
  ["a page", text("<!DOCTYPE html><html>"), "unsupported", /this is a page, not a file of weights/],
  ["a model's JSON", text('{"class_name": "Sequential"}'), "unsupported", /Pass it as options\.config/],
  ["a list of weights", text('{"weight_map": {}}'), "unsupported", /lists other files/],
  ["a checkpoint", saveCheckpoint(new RMSprop(), []), "unsupported", /safetensors file\. loadCheckpoint/],
  ["a file of PyTorch", zip({ "model/data.pkl": text("x") }), "unsupported", /a file of PyTorch/],
  ["a file of NumPy", zip({ "w.npy": text("x") }), "unsupported", /NumPy arrays/],
  ["half a .keras file", keras.slice(0, keras.length / 2), "damaged", /cut off/],
  ["half a .weights.h5 file", hdf5.slice(0, hdf5.length / 2), "damaged", /cut off/],
  ["a zip with one bit turned in the weights", turned(keras, keras.length - 4000), "damaged", /checksum/],
  [
    "a zip without weights",
    zip({ "config.json": config }),
    "damaged",
    /no member model\.weights\.h5; there are config\.json/,
  ],
  ["a zip without config", zip({ "model.weights.h5": hdf5 }), "damaged", /no member config\.json/],
  ["weights that are no HDF5", zip({ "config.json": config, "model.weights.h5": config }), "unsupported", /no HDF5/],
  ["a name that leads upwards", zip({ "../evil": config }), "refused", /leads out of its folder/],
  ["an absolute name", zip({ "/etc/passwd": config }), "refused", /leads out of its folder/],
  ["a drive", zip({ "c:evil": config }), "refused", /leads out of its folder/],
  ["a member twice", twice(), "refused", /there twice/],
  ["a zip bomb", zip({ "config.json": new Uint8Array(2 ** 25) }, 6), "limit", /limits\.expansion/],
  ["a member that says it is smaller", lying(), "damaged", /does not unpack to/],
  ["more members than allowed", keras, "limit", /limits\.objects=2/, { objects: 2 }],
  ["more bytes than allowed", keras, "limit", /limits\.totalByteLength=100 /, { totalByteLength: 100 }],
  ["JSON with __proto__", withConfig('{"__proto__": {"polluted": 1}}'), "refused", /the key __proto__/],
  ["JSON with an escaped __proto__", withConfig('{"\\u005f_proto__": 1}'), "refused", /the key __proto__/],
  ["JSON with a key twice", withConfig('{"a": 1, "a": 2}'), "refused", /the key "a" twice/],
  ["JSON without end", withConfig('{"a": "b'), "damaged", /no JSON/],
  ["deep JSON", withConfig(deep(100_000)), "limit", /limits\.depth/],
  ["a config that is a list", withConfig("[]"), "damaged", /holds no object/],
  ["a config of no model", withConfig('{"a": 1}'), "damaged", /not that of a model/],
  ["a soft link", fixture("h5py-soft-link.weights.h5"), "refused", /symbolic link/],
  ["an external link", fixture("h5py-external-link.weights.h5"), "refused", /link/],
  ["a group within itself", fixture("h5py-hard-link-circle.weights.h5"), "refused", /overlap/],
  ["a virtual array", fixture("h5py-virtual.weights.h5"), "refused", /put together from other arrays|layout/],
  ["an array in another file", fixture("h5py-external-storage.weights.h5"), "refused", /another file/],
  ["a shape without data", fixture("h5py-shape-bomb.weights.h5"), "limit", /limits\.totalByteLength/],
  ["packed zeros", fixture("h5py-full-of-zeros.weights.h5"), "limit", /limits\.expansion/],
  ["an array of text", fixture("h5py-text.weights.h5"), "unsupported", /holds no numbers/],
];

describe("readKeras", () => {
  test.each(FILES.map((file) => [file[0], file] as const))("refuses %s", async (_, file) => {
    const [, bytes, problem, message, limits = {}] = file;
    const error = await readKeras(bytes, { limits }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KerasFileError);
    expect(String(error)).toMatch(message);
    expect((error as KerasFileError).problem).toBe(problem);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("reads packed zeros when the limit is raised", async () => {
    const file = await readKeras(fixture("h5py-full-of-zeros.weights.h5"), { limits: { expansion: 2000 } });
    expect(file.arrays[0]?.shape).toEqual([2 ** 23]);
    file.dispose();
  });

  test("reads arrays in packed chunks and of the other byte order, and writes them unpacked", async () => {
    const file = await readKeras(fixture("h5py-packed.weights.h5"));
    const values = () => file.weights.map(({ value }) => Array.from(value));
    const expected = [Array.from({ length: 35 }, (_, i) => i), Array.from({ length: 7 }, (_, i) => i)];
    expect(values()).toEqual(expected);
    file.weights[0]?.assignAdd(Array.from({ length: 35 }, () => 1));
    const again = await readKeras(await file.toBytes());
    expect(again.weights.map(({ value }) => Array.from(value))).toEqual(values());
  });

  test("reads a .keras file that was packed again", async () => {
    const members = { "model.weights.h5": fixture("tensorflow-plain.weights.h5"), "config.json": configOf(keras) };
    const file = await readKeras(zip(members, 6));
    expect(file.optimizer?.iterations).toBe(3);
  });

  test("says that bytes must be bytes, and which limits there are", async () => {
    await expect(readKeras("path" as never)).rejects.toThrow(/readKeras: bytes must be a Uint8Array/);
    await expect(readKeras(keras, { limits: { byteLength: 1 } as never })).rejects.toThrow(/Did you mean|Known are/);
    await expect(readKeras(keras, { limits: { depth: 1e9 } })).rejects.toThrow(/limits\.depth must/);
  });
});

function turned(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Two members whose names were made the same. */
function twice(): Uint8Array {
  const bytes = Buffer.from(zip({ "config.json": config, "config.jsoo": config }));
  return new Uint8Array(Buffer.from(bytes.toString("latin1").replaceAll("config.jsoo", "config.json"), "latin1"));
}

/** A packed member whose directory entry says one byte less than there is. */
function lying(): Uint8Array {
  const bytes = zip({ "config.json": new Uint8Array(5000) }, 6);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entry = Buffer.from(bytes).indexOf("PK\x01\x02", 0, "latin1");
  view.setUint32(entry + 24, 4999, true);
  return bytes;
}

/** The bytes of config.json, which Keras stores as they are. */
function configOf(bytes: Uint8Array): Uint8Array {
  const all = Buffer.from(bytes);
  const start = all.indexOf('{"module": "keras');
  return new Uint8Array(all.subarray(start, all.indexOf("PK\x03\x04", start, "latin1")));
}
