// What is written is read by another program, and by readZip.
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.js";
import { readZip } from "./read-zip.js";
import { writeZip } from "./write-zip.js";

const MEMBERS = new Map([
  ["config.json", new TextEncoder().encode('{"a": 1}')],
  ["model.weights.h5", Uint8Array.from({ length: 7_000 }, (_, i) => i * i)],
  ["assets/größe.txt", new Uint8Array(0)],
]);

test("members come back in order, bytes and names", () => {
  const bytes = writeZip(MEMBERS);
  expect(Object.entries(unzipSync(bytes))).toEqual([...MEMBERS]);
  expect([...readZip(bytes, DEFAULT_LIMITS)]).toEqual([...MEMBERS]);
  expect(writeZip(MEMBERS)).toEqual(bytes);
});

test("more than a zip can hold is refused", () => {
  const many = new Map(Array.from({ length: 65_536 }, (_, i) => [`${i}`, new Uint8Array(0)]));
  expect(() => writeZip(many)).toThrow(/cannot hold 4 GB or 65,536 members/);
});
