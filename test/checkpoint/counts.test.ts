// Counts in checkpoints: int32 as ever, int64 from 2^31 on, and whole numbers of either type are read.
import { LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { complaintOf, errorOf } from "../contract/support.js";

/** A checkpoint of a step before this count. */
function savedAt(iteration: number): Uint8Array {
  const [optimizer, variable] = [new RMSprop(), new Variable([1, 2], { name: "v" })];
  optimizer.apply([[1, 2]], [variable]);
  optimizer.variables[0]?.assign([iteration]);
  return saveCheckpoint(optimizer, [variable]);
}

interface Header {
  readonly [name: string]: { readonly dtype: string; readonly data_offsets: readonly [number, number] };
}

/** The header of a file, and where its arrays begin. */
function headerOf(bytes: Uint8Array): { header: Header; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + view.getUint32(0, true);
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Header, start };
}

const NAME = "counters/0/iteration";

/** For files whose numbers were changed on purpose. */
const ANY_NUMBERS = { checksum: false };

/** The same file with another int64 in the place of its count. */
function withCount(bytes: Uint8Array, count: bigint): Uint8Array {
  const { header, start } = headerOf(bytes);
  const copy = bytes.slice();
  new DataView(copy.buffer).setBigInt64(start + (header[NAME]?.data_offsets[0] ?? 0), count, true);
  return copy;
}

test.each([
  [2 ** 31 - 1, "I32"],
  [2 ** 31, "I64"],
  [2 ** 53, "I64"],
])("%d is saved as %s, first among arrays of eight bytes, and loaded", (count, dtype) => {
  const bytes = savedAt(count);
  expect(headerOf(bytes).header[NAME]).toMatchObject({ dtype, ...(dtype === "I64" && { data_offsets: [0, 8] }) });
  const shifted = new Uint8Array(bytes.length + 3).subarray(3);
  shifted.set(bytes);
  for (const each of [bytes, shifted]) expect(loadCheckpoint(each).optimizer.iterations).toBe(count);
});

test("a small count of eight bytes is loaded, too", () => {
  expect(loadCheckpoint(withCount(savedAt(2 ** 31), 7n), null, null, {}, ANY_NUMBERS).optimizer.iterations).toBe(7);
});

test.each([
  ["that no number is", 2n ** 53n + 1n, /^loadCheckpoint: bytes must hold integers that are JavaScript numbers/],
  ["that is negative", -1n, /iteration must be an integer from 0 to 9007199254740992/],
  ["beyond those that are all exact", 2n ** 60n, /iteration must be an integer from 0 to 9007199254740992/],
])("a count %s is refused, and nothing changes", (_, count, message) => {
  const [optimizer, variable] = [new RMSprop(), new Variable([5, 6], { name: "v" })];
  const bytes = withCount(savedAt(2 ** 31), count);
  const error = errorOf(() => loadCheckpoint(bytes, optimizer, [variable], {}, ANY_NUMBERS));
  expect(error.message).toMatch(message);
  expect(complaintOf(error.message)).toHaveProperty("remedy");
  expect([optimizer.built, optimizer.iterations, ...variable.value]).toEqual([false, 0, 5, 6]);
});

test("int64 is no type for variables", () => {
  const { header, start } = headerOf(savedAt(2 ** 31));
  const { [NAME]: count, ...rest } = header;
  const json = new TextEncoder().encode(JSON.stringify({ ...rest, "variables/1/w": count }));
  const bytes = new Uint8Array([...new Uint8Array(8), ...json, ...savedAt(2 ** 31).subarray(start)]);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  expect(errorOf(() => loadCheckpoint(bytes)).message).toContain("whose variables are floats");
});

test.each([
  ["an optimizer", () => new RMSprop()],
  ["a loss scale", () => new LossScaleOptimizer(new RMSprop())],
])("%s that is built on nothing is loaded as one", (_, make) => {
  const optimizer = make();
  optimizer.build([]);
  const bytes = saveCheckpoint(optimizer, []);
  const again = loadCheckpoint(bytes);
  expect([again.optimizer.built, again.optimizer.variables.length]).toEqual([true, optimizer.variables.length]);
  expect(saveCheckpoint(again.optimizer, [])).toEqual(bytes);
});
