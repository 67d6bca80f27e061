// What is too large or cannot be written is refused when it is saved, not when it is needed; and hostile sizes take no time.
import { loadCheckpoint, RMSprop, saveCheckpoint, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { complaintOf, errorOf } from "../contract/support.js";
import { cpuClock } from "../cpu-time.js";
import { isWhole } from "../seed.js";

const optimizer = new RMSprop();
const named = (name: string): Variable[] => [new Variable([1], { name })];

test.each([
  ["a name with half of a character", () => saveCheckpoint(optimizer, named("\ud800"))],
  ["a name of 3,000 letters", () => saveCheckpoint(optimizer, named("n".repeat(3000)))],
  ["a text with half of a character", () => saveCheckpoint(optimizer, named("a"), { note: "\udc00" })],
  ["a text under a key of the format", () => saveCheckpoint(optimizer, named("a"), { "rmsprop.version": "7" })],
  ["a text under __proto__", () => saveCheckpoint(optimizer, named("a"), JSON.parse('{"__proto__":"x"}'))],
  ["a text that is none", () => saveCheckpoint(optimizer, named("a"), { epoch: 3 as never })],
  ["metadata that are no object", () => saveCheckpoint(optimizer, named("a"), [] as never)],
  ["65 axes", () => saveCheckpoint(optimizer, [new Variable([1], { shape: Array(65).fill(1) })])],
])("%s is refused by saveCheckpoint", (_, act) => {
  expect(complaintOf(errorOf(act).message)).toMatchObject({ owner: "saveCheckpoint" });
});

// It takes seconds: `npm run test:package` runs it.
test.runIf(isWhole)("more arrays than a header may have are refused by saveCheckpoint", () => {
  const arrays = Array.from({ length: 2 ** 16 }, () => new Float32Array(0));
  expect(complaintOf(errorOf(() => saveCheckpoint(optimizer, arrays)).message)).toMatchObject({
    owner: "saveCheckpoint",
  });
});

/** A file that is nothing but a header. */
function headerOnly(text: string): Uint8Array {
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

/** `npm run test:package` takes the larger one. */
const SIZE = isWhole ? 2 ** 24 : 2 ** 22;
/** The header of a checkpoint with another config. */
function withConfig(config: object): string {
  const saved = saveCheckpoint(optimizer, []);
  const length = new DataView(saved.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(saved.subarray(8, 8 + length)));
  header.__metadata__["rmsprop.optimizer"] = JSON.stringify(config);
  return JSON.stringify({ __metadata__: header.__metadata__ });
}

test.each([
  ["a long key", () => `{"${"a".repeat(SIZE)}":1}`],
  ["a long key of escapes", () => `{"${'\\"'.repeat(SIZE / 2)}":1}`],
  ["an open string of backslashes", () => `{"${"\\".repeat(SIZE)}`],
  ["a long number", () => `{"a":${"1".repeat(SIZE)}}`],
  ["a long list", () => `{"a":[${"1,".repeat(SIZE / 2)}1]}`],
  ["many keys", () => `{${Array.from({ length: SIZE / 16 }, (_, i) => `"${i}":1`)}}`],
  ["a class with a long name", () => withConfig({ class_name: "a".repeat(SIZE), config: {} })],
  ["a long argument", () => withConfig({ class_name: "RMSprop", config: { ["a".repeat(SIZE)]: 1 } })],
])("%s in a header is refused at once", (_, text) => {
  const bytes = headerOnly(text());
  const elapsed = cpuClock();
  const error = errorOf(() => loadCheckpoint(bytes));
  expect(elapsed()).toBeLessThan(2000);
  expect(complaintOf(error.message)).toHaveProperty("remedy");
  expect(error.message.length).toBeLessThan(5000);
});
