// Checkpoints of few bytes that ask for much: the header of a safetensors file deep, wide, repeated, or standing for more.
import { RMSprop, saveCheckpoint } from "rmsprop";
import type { Bomb } from "./hdf5-bombs.js";

function withHeader(header: unknown, data = 0): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([prefix, json, Buffer.alloc(data)]));
}

interface Header extends Readonly<Record<string, object>> {
  readonly __metadata__: Readonly<Record<string, string>>;
}

/** The header of a checkpoint of nothing. */
const HEADER = headerOf(saveCheckpoint(new RMSprop(), []));
const METADATA = HEADER.__metadata__;

function headerOf(bytes: Uint8Array): Header {
  const length = new DataView(bytes.buffer).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header; // as it was saved
}

const of = (count: number, entry: (i: number) => readonly [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => entry(i)));
const place = (shape: readonly number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});
/** A checkpoint of these arrays, all of them variables, after its own counters. */
function file(variables: Readonly<Record<string, unknown>>, data = 0, metadata: object = METADATA): Uint8Array {
  const named = Object.entries(variables).map(([name, place], i) => [`variables/${i}/${name}`, place]);
  const counters = Object.keys(HEADER).filter((name) => name.startsWith("counters/"));
  const after = counters.map((name, i) => [name, { ...HEADER[name], data_offsets: [data + 4 * i, data + 4 * i + 4] }]);
  return withHeader(
    { __metadata__: metadata, ...Object.fromEntries([...named, ...after]) },
    data + 4 * counters.length,
  );
}

export const SAFETENSORS_BOMBS: Readonly<Record<string, Bomb>> = {
  "arrays without elements": (n) => file(of(n, (i) => [`v${i}`, place([0], 0, 0)])),
  "arrays of one element": (n) =>
    file(
      of(n, (i) => [`v${i}`, place([1], 4 * i, 4 * i + 4)]),
      4 * n,
    ),
  "arrays over the same bytes": (n) =>
    file(
      of(n, (i) => [`v${i}`, place([n], 0, 4 * n)]),
      4 * n,
    ),
  "shapes of very much": (n) => file(of(n, (i) => [`v${i}`, place([2 ** 50, 2 ** 50], 0, 2 ** 53)])),
  "shapes of many axes": (n) =>
    file(
      of(n, (i) => [`v${i}`, place(Array(64).fill(1), 4 * i, 4 * i + 4)]),
      4 * n,
    ),
  "a shape of too many axes": (n) => file({ a: place(Array(n).fill(1), 0, 4) }, 4),
  "lists in lists": (n) => withHeader(`{"a":${"[".repeat(n)}${"]".repeat(n)}}`),
  "lists in lists, as deep as may be": (n) =>
    withHeader(`{"a":[${`${"[".repeat(29)}${"]".repeat(29)},`.repeat(Math.ceil(n / 30))}0]}`),
  "long names": (n) => file(of(Math.ceil(n / 20), (i) => [`${"n".repeat(2000)}${i}`, place([0], 0, 0)])),
  "a name that is too long": (n) => file({ ["n".repeat(20 * n)]: place([0], 0, 0) }),
  "many texts": (n) => file({}, 0, { ...METADATA, ...of(n, (i) => [`k${i}`, "v"]) }),
  "a long text": (n) => file({}, 0, { ...METADATA, note: "\\".repeat(10 * n) }),
  "keys that are numbers": (n) => withHeader({ a: Array(n).fill({ 1000: 0, 2500: 0 }) }),
  "objects with keys of their own": (n) => withHeader({ a: Array.from({ length: n }, (_, i) => ({ [`k${i}`]: 0 })) }),
  "an array of many keys": (n) => file({ a: of(n, (i) => [`k${i}`, 0]) }),
  "many variables that are trained": (n) => file({}, 0, { ...METADATA, "rmsprop.trained": `[${"0,".repeat(n)}0]` }),
  "many variables that are trained, and there": (n) => {
    const trained = JSON.stringify(Array.from({ length: n }, (_, i) => i));
    return file(
      of(n, (i) => [`v${i}`, place([0], 0, 0)]),
      0,
      { ...METADATA, "rmsprop.trained": trained },
    );
  },
  "traits of many variables": (n) => {
    const traits = JSON.stringify(Array.from({ length: n }, (_, index) => ({ index, trainable: false })));
    return file(
      of(n, (i) => [`v${i}`, place([0], 0, 0)]),
      0,
      { ...METADATA, "rmsprop.traits": traits },
    );
  },
  "a config in a text": (n) =>
    file({}, 0, {
      ...METADATA,
      "rmsprop.optimizer": `{"class_name":"RMSprop","config":{"a":${"[".repeat(n)}${"]".repeat(n)}}}`,
    }),
  "much space": (n) => withHeader(`{"a":${" ".repeat(50 * n)}0}`),
};
