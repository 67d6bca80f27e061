// Bytes that are no checkpoint, or one of something else: an error that says so, and nothing has changed.
import {
  defineOptimizer,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  StateMismatchError,
  saveCheckpoint,
  Variable,
} from "rmsprop";
import { expect, test } from "vitest";
import { YOGI } from "../../examples/optimizers/yogi.js";
import { createRandom } from "../../examples/shared/random.js";
import { errorOf } from "../contract/support.js";
import { cpuClock } from "../cpu-time.js";
import { isWhole } from "../seed.js";
import { fresh, Run } from "./run.js";

const OPTIONS = { momentum: 0.9, useEma: true };

function trained(): Run {
  const run = new Run(new RMSprop(OPTIONS), fresh());
  run.train(0, 3);
  return run;
}

const run = trained();
const BYTES = saveCheckpoint(run.optimizer, run.variables, { note: "ä" });
const JSON_LENGTH = new DataView(BYTES.buffer).getUint32(0, true);
const HEADER = JSON.parse(new TextDecoder().decode(BYTES.subarray(8, 8 + JSON_LENGTH))) as Record<string, unknown>;
const FIRST = Object.keys(HEADER).find((key) => key.startsWith("variables/")) ?? "";

/** A file with another header before the same arrays. */
function withHeader(header: unknown, length?: number): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const rest = BYTES.subarray(8 + JSON_LENGTH);
  const bytes = new Uint8Array(8 + json.length + rest.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(rest, 8 + json.length);
  return bytes;
}

const entry = HEADER[FIRST] as { dtype: string; shape: number[]; data_offsets: [number, number] };
const metadata = HEADER.__metadata__ as Record<string, string>;
const changed = (change: object): unknown => ({ ...HEADER, [FIRST]: { ...entry, ...change } });
const retold = (change: object): unknown => ({ ...HEADER, __metadata__: { ...metadata, ...change } });

const HOSTILE: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array()],
  ["seven bytes", BYTES.slice(0, 7)],
  ["half a file", BYTES.slice(0, BYTES.length / 2)],
  ["all but the last byte", BYTES.slice(0, -1)],
  ["a byte too many", Uint8Array.from([...BYTES, 0])],
  ["a header longer than the file", withHeader(HEADER, 2 ** 31)],
  ["a header longer than memory", withHeader(HEADER, 2 ** 62)],
  ["a header of no JSON", withHeader("{".repeat(80))],
  ["a header nested 100,000 deep", withHeader(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)],
  [
    "a name twice",
    withHeader(JSON.stringify(HEADER).replace(/^\{/, `{${JSON.stringify(FIRST)}:${JSON.stringify(entry)},`)),
  ],
  ["a shape that does not fit its bytes", withHeader(changed({ shape: [8] }))],
  ["a shape larger than memory", withHeader(changed({ shape: [2 ** 31, 2 ** 31, 2 ** 31] }))],
  ["a negative shape", withHeader(changed({ shape: [-7] }))],
  ["offsets outside of the file", withHeader(changed({ data_offsets: [2 ** 40, 2 ** 40 + 28] }))],
  ["arrays that overlap", withHeader(changed({ data_offsets: [4, 32] }))],
  ["an unknown type", withHeader(changed({ dtype: "F99" }))],
  ["a key __proto__", withHeader(JSON.stringify(HEADER).replace(/^\{/, '{"__proto__":{"polluted":1},'))],
  ["no metadata", withHeader({ ...HEADER, __metadata__: undefined })],
  ["a newer version", withHeader(retold({ "rmsprop.version": "2" }))],
  ["indices of no variable", withHeader(retold({ "rmsprop.trained": "[0,1,99]" }))],
  ["a variable trained twice", withHeader(retold({ "rmsprop.trained": "[0,1,1]" }))],
  [
    "a config that pollutes",
    withHeader(retold({ "rmsprop.optimizer": '{"class_name":"RMSprop","config":{"__proto__":{"x":1}}}' })),
  ],
];

/** As somebody's who can also write the checksum that belongs to it. */
const UNCHECKED = { checksum: false };

test.each(HOSTILE)("%s is refused, and nothing changes", (_, bytes) => {
  const given = trained();
  const before = given.state();
  const error = errorOf(() => loadCheckpoint(bytes, given.optimizer, given.variables, {}, UNCHECKED));
  const alone = errorOf(() => loadCheckpoint(bytes, null, null, {}, UNCHECKED));
  expect([error, alone].map(isClean)).toEqual([true, true]);
  expect(given.state()).toEqual(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("the class of an optimizer comes from an allow-list", () => {
  const bytes = withHeader(retold({ "rmsprop.optimizer": '{"class_name":"constructor","config":{}}' }));
  expect(errorOf(() => loadCheckpoint(bytes, null, null, {}, UNCHECKED)).message).toContain("constructor");
});

test("a newer version says what to do", () => {
  const bytes = withHeader(retold({ "rmsprop.version": "2" }));
  expect(errorOf(() => loadCheckpoint(bytes)).message).toContain("Update rmsprop");
});

test("another model, another optimizer and other options show both lists", () => {
  const other = [new Variable(new Float32Array(5), { name: "v0" }), ...fresh().slice(1)];
  const cases = [
    () => loadCheckpoint(BYTES, new RMSprop(OPTIONS), other),
    () => loadCheckpoint(BYTES, new RMSprop(OPTIONS), fresh().slice(1)),
    () => loadCheckpoint(BYTES, new RMSprop(), fresh()),
    () => loadCheckpoint(BYTES, new (defineOptimizer(YOGI))(), fresh()),
    () => loadCheckpoint(BYTES, new LossScaleOptimizer(new RMSprop(OPTIONS)), fresh()),
  ];
  for (const act of cases) {
    const error = errorOf(act) as StateMismatchError;
    expect(error).toBeInstanceOf(StateMismatchError);
    expect([error.expected.length, error.received.length].every((length) => length > 0)).toBe(true);
  }
});

/** `npm run test:package` damages 5,000. */
const FILES = isWhole ? 5000 : 1000;

test(`${FILES} damaged files: what can be read is read, all else is a clean error, each within a second`, () => {
  const random = createRandom(3);
  const below = (limit: number): number => Math.floor(random() * limit);
  const kinds = { read: 0, refused: 0 };
  let slowest = 0;
  for (let i = 0; i < FILES; i++) {
    const bytes = damaged(below, i);
    const elapsed = cpuClock();
    try {
      const { optimizer, variables } = loadCheckpoint(bytes, null, null, {}, UNCHECKED);
      optimizer.dispose();
      for (const variable of variables) if (variable instanceof Variable) variable.dispose();
      kinds.read++;
    } catch (error) {
      if (!isClean(error)) throw new Error(`file ${i}`, { cause: error });
      kinds.refused++;
    }
    slowest = Math.max(slowest, elapsed());
  }
  console.log(`damaged checkpoints: ${kinds.read} read, ${kinds.refused} refused; slowest ${slowest.toFixed(0)} ms`);
  expect(Math.min(kinds.read, kinds.refused)).toBeGreaterThan(100);
  expect(slowest).toBeLessThan(1000);
});

/** Bits flipped, a part cut out, moved or repeated; mostly in the header, where it hurts. */
function damaged(below: (limit: number) => number, i: number): Uint8Array {
  const bytes = BYTES.slice();
  const place = (): number => below(i % 3 === 0 ? bytes.length : 8 + JSON_LENGTH);
  if (i % 5 === 0) return bytes.slice(0, below(bytes.length));
  if (i % 5 === 1) bytes.copyWithin(place(), place(), bytes.length);
  else if (i % 5 === 2) bytes.fill(below(256), place(), place());
  else for (let flips = 1 + below(4); flips > 0; flips--) bytes[place()] = (bytes[place()] ?? 0) ^ (1 << below(8));
  return bytes;
}

/** An error of this package's, not one of the language or the stack. */
function isClean(error: unknown): boolean {
  return error instanceof Error && /^(loadCheckpoint|RMSprop|Variable|deserialize|[A-Z]\w+): .+/s.test(error.message);
}
