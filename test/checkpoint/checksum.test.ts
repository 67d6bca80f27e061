// The checksum of a checkpoint: every bit of its numbers, names and config is seen to change, and nothing else is.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint, Variable } from "rmsprop";
import { readCheckpoint } from "rmsprop/node";
import { expect, test } from "vitest";
import { complaintOf, errorOf } from "../contract/support.js";
import { isThorough } from "../seed.js";

interface Parts {
  readonly header: Record<string, Readonly<Record<string, unknown>>>;
  readonly data: Uint8Array;
}

const BYTES = checkpoint();
const START = 8 + new DataView(BYTES.buffer).getUint32(0, true);
/** All bits are tried by `npm run test:random`; the number is prime to those of a byte, so that all places of one come up. */
const STRIDE = isThorough ? 1 : 17;
const DAMAGED = /^loadCheckpoint: bytes must hold the numbers that were saved; .* pass \{ checksum: false \}/;

/** Both types, arrays of odd lengths, and one without elements. */
function checkpoint(): Uint8Array {
  const variables = [
    new Variable([1, 2, 3], { name: "a" }),
    new Variable([1, 2, 4], { name: "b" }),
    new Variable(new Float64Array([5]), { name: "c" }),
    new Variable([], { name: "d" }),
  ];
  const optimizer = new LossScaleOptimizer(new RMSprop({ momentum: 0.5 }));
  optimizer.apply([[1, 2, 3], [3, 2, 1], [1], []], variables);
  return saveCheckpoint(optimizer, variables, { epoch: "1" });
}

function partsOf(bytes: Uint8Array): Parts {
  const text = new TextDecoder().decode(bytes.subarray(8, START));
  return { header: JSON.parse(text) as Parts["header"], data: bytes.subarray(START) };
}

function joined({ header, data }: Parts): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** The same file with other texts. */
function retold(change: Readonly<Record<string, string | undefined>>): Uint8Array {
  const { header, data } = partsOf(BYTES);
  return joined({ header: { ...header, __metadata__: { ...header.__metadata__, ...change } }, data });
}

const unchecked = (bytes: Uint8Array) => loadCheckpoint(bytes, null, null, {}, { checksum: false });

function flipped(bit: number): Uint8Array {
  const bytes = BYTES.slice();
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes;
}

test("every flipped bit of the numbers is found, and nothing has changed", () => {
  const variables = ["a", "b"].map((name) => new Variable([9, 9, 9], { name }));
  for (let bit = START * 8; bit < BYTES.length * 8; bit += STRIDE) {
    expect(errorOf(() => loadCheckpoint(flipped(bit))).message).toMatch(DAMAGED);
  }
  const optimizer = new LossScaleOptimizer(new RMSprop({ momentum: 0.5 }));
  const bytes = flipped(START * 8 + 1);
  expect(complaintOf(errorOf(() => loadCheckpoint(bytes, optimizer, variables)).message)).toHaveProperty("remedy");
  expect([optimizer.built, ...variables.flatMap(({ value }) => [...value])]).toEqual([false, 9, 9, 9, 9, 9, 9]);
});

test("no flipped bit of the header is read as another run", () => {
  const whole = saveCheckpoint(...runOf(loadCheckpoint(BYTES)));
  const { __metadata__: texts } = partsOf(BYTES).header;
  let read = 0;
  for (let bit = 64; bit < START * 8; bit += STRIDE) {
    const loaded = attempt(flipped(bit));
    if (loaded === null) continue;
    read++;
    // Only texts of the user's, spaces, and the name of the checksum itself may differ.
    expect(Buffer.compare(saveCheckpoint(...runOf(loaded)), whole)).toBe(0);
  }
  expect(texts).toHaveProperty("epoch", "1");
  expect(read).toBeGreaterThan(0);
});

type Loaded = ReturnType<typeof loadCheckpoint>;
const runOf = ({ optimizer, variables }: Loaded) => [optimizer, variables] as const;

function attempt(bytes: Uint8Array): Loaded | null {
  try {
    return loadCheckpoint(bytes);
  } catch {
    return null;
  }
}

test("arrays that have changed places, names or shapes are found", () => {
  const { header, data } = partsOf(BYTES);
  const [a, b] = [header["variables/0/a"] ?? {}, header["variables/1/b"] ?? {}];
  const placed = { "variables/0/a": b, "variables/1/b": a };
  const renamed = Object.fromEntries(Object.entries(header).map(([name, entry]) => [name.replace("/a", "/e"), entry]));
  const shaped = Object.entries(header).map(([name, entry]) => [name, /\/0\/a$/.test(name) ? reshaped(entry) : entry]);
  for (const other of [{ ...header, ...placed }, renamed, Object.fromEntries(shaped)]) {
    expect(errorOf(() => loadCheckpoint(joined({ header: other, data }))).message).toMatch(DAMAGED);
    expect(unchecked(joined({ header: other, data })).variables).toHaveLength(4);
  }
});

const reshaped = (entry: object): object => ({ ...entry, shape: [3, 1] });

test("arrays of one number that have changed places are found, whatever the numbers", () => {
  const numbers = [0, 1, 2, 0.5, -1, 3, 0.25, 10, 100, 1e-3, -0.5, 7];
  for (const [i, a] of numbers.entries()) {
    for (const b of numbers.slice(i + 1)) {
      const [v, w] = [new Variable([a], { name: "v" }), new Variable([b], { name: "w" })];
      const { header, data } = partsAfter(saveCheckpoint(new RMSprop(), [v, w]));
      const exchanged = {
        "variables/0/v": header["variables/1/w"] ?? {},
        "variables/1/w": header["variables/0/v"] ?? {},
      };
      const bytes = joined({ header: { ...header, ...exchanged }, data });
      expect(errorOf(() => loadCheckpoint(bytes)).message, `${a} and ${b}`).toMatch(DAMAGED);
    }
  }
});

function partsAfter(bytes: Uint8Array): Parts {
  const start = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(8, start));
  return { header: JSON.parse(text) as Parts["header"], data: bytes.subarray(start) };
}

test("numbers and configs that another program has changed are taken if one asks for it", () => {
  const optimizer = partsOf(BYTES).header.__metadata__?.["rmsprop.optimizer"];
  const slower = retold({ "rmsprop.optimizer": String(optimizer).replace('"momentum":0.5', '"momentum":0.25') });
  expect(errorOf(() => loadCheckpoint(slower)).message).toMatch(DAMAGED);
  expect(JSON.stringify(unchecked(slower).optimizer.getConfig())).toContain('"momentum":0.25');
});

test("texts of the user's may change, and a file without a checksum is read", () => {
  expect(loadCheckpoint(retold({ epoch: "2", note: "new" })).metadata).toEqual({ epoch: "2", note: "new" });
  const { header, data } = partsOf(BYTES);
  const { "rmsprop.checksum": sum, ...texts } = header.__metadata__ ?? {};
  expect(sum).toMatch(/^"[0-9a-f]{16}"$/);
  const changed = data.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  expect(loadCheckpoint(joined({ header: { ...header, __metadata__: texts }, data: changed })).variables).toHaveLength(
    4,
  );
});

test("readCheckpoint has the same check and the same switch", () => {
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
  const path = join(folder, "step-1.safetensors");
  const bytes = flipped(START * 8 + 9);
  writeFileSync(path, bytes);
  expect(errorOf(() => readCheckpoint(path)).message).toMatch(DAMAGED);
  expect(readCheckpoint(path, null, null, {}, { checksum: false }).variables).toHaveLength(4);
  rmSync(folder, { recursive: true });
});

test("what a file may ask for can be set", () => {
  const limited = (limits: object) => errorOf(() => loadCheckpoint(BYTES, null, null, {}, { limits })).message;
  expect(limited({ arrays: 10 })).toMatch(/^loadCheckpoint: bytes must be a whole safetensors file: its header .*10/);
  expect(limited({ headerByteLength: 100 })).toMatch(
    /its header has at most limits\.headerByteLength=100 bytes, not \d+/,
  );
  expect(limited({ arrays: 0 })).toMatch(/^loadCheckpoint: limits\.arrays must be an integer >= 1; received/);
  expect(limited({ array: 5 })).toMatch(/^loadCheckpoint: array must be a known argument; .*Did you mean arrays\?/);
  expect(loadCheckpoint(BYTES, null, null, {}, { limits: { arrays: 100 } }).variables).toHaveLength(4);
});

test.each([
  [{ checksum: 1 as never }, "loadCheckpoint: checksum must be true or false; received checksum=1."],
  [{ checkSum: false } as never, "loadCheckpoint: checkSum must be a known argument"],
  [null as never, "loadCheckpoint: options must be one object; received options=null."],
])("%o is no way to load", (options, message) => {
  expect(errorOf(() => loadCheckpoint(BYTES, null, null, {}, options)).message).toContain(message);
});
