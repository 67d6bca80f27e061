// Node's zlib is what this is compared with: the same bytes of every stream, and a refusal of the same ones.
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import fc from "../../../test/property.js";
import { isThorough } from "../../../test/seed.js";
import { inflateInto } from "./inflate.js";

const RUNS = isThorough ? 3_000 : 100;

/** What a stream unpacks to, in hexadecimal; null for one that is damaged, or has more than fits. */
function ours(packed: Uint8Array, most: number): string | null {
  const unpacked = Buffer.alloc(most);
  const length = inflateInto(unpacked, packed);
  return length < 0 || length > most ? null : unpacked.toString("hex", 0, length);
}

function theirs(packed: Uint8Array, most: number): string | null {
  try {
    return inflateRawSync(packed, { maxOutputLength: most }).toString("hex");
  } catch {
    return null;
  }
}

/** Bytes with repetitions near and far, of few values and of many. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.nat(400))
        .map(([unit, times]) => repeated(unit, times)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => [...parts, ...parts.slice(0, 2)])
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

function repeated(unit: Uint8Array, times: number): Uint8Array {
  return Uint8Array.from({ length: unit.length * times }, (_, i) => unit[i % unit.length] ?? 0);
}

const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
const streams = fc
  .tuple(
    contents,
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([bytes, level, strategy, memLevel]) => {
    return { bytes, packed: new Uint8Array(deflateRawSync(bytes, { level, strategy, memLevel })) };
  });

const MOST = 20_000;

describe("a deflate stream", () => {
  test("is unpacked to what was packed, at every level and by every strategy", () => {
    fc.assert(
      fc.property(streams, ({ bytes, packed }) => {
        expect(ours(packed, bytes.length)).toBe(Buffer.from(bytes).toString("hex"));
        if (bytes.length > 0) expect(ours(packed, bytes.length - 1)).toBeNull();
      }),
      { numRuns: RUNS },
    );
  });

  test("that is damaged gives what zlib gives, or is refused as zlib refuses it", () => {
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(streams, damages, fc.nat(), ({ packed }, changes, cut) => {
        const damaged = packed.slice(0, cut % 4 === 0 ? cut % (packed.length + 1) : packed.length);
        for (const [at, value] of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
        expect(ours(damaged, MOST)).toBe(theirs(damaged, MOST));
      }),
      { numRuns: RUNS * 2 },
    );
  });

  test("of any bytes is read as zlib reads it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(ours(bytes, MOST)).toBe(theirs(bytes, MOST));
      }),
      { numRuns: RUNS * 2 },
    );
  });

  test("of many blocks is unpacked", () => {
    const bytes = Uint8Array.from({ length: 600_000 }, (_, i) => (Math.sin(i * i) * 128) & (i & 1024 ? 255 : 15));
    expect(ours(deflateRawSync(bytes), bytes.length) === Buffer.from(bytes).toString("hex")).toBe(true);
  });
});
