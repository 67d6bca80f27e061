// What is sent before a visitor asks for TensorFlow.js.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const LIMIT = 200_000;

test(`the page is less than ${LIMIT} bytes gzip`, () => {
  const built: string[] = JSON.parse(readFileSync("out/site/files.json", "utf8"));
  const sizes = [...built, "files.json", "sw.js"].map((name) => ({
    name,
    byteLength: gzipSync(readFileSync(`out/site/${name}`)).byteLength,
  }));
  const total = sizes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  console.log(sizes.map(({ name, byteLength }) => `${name}: ${byteLength}`).join("\n"), `\ntotal: ${total}`);
  expect(sizes.some(({ name }) => name === "index.html")).toBe(true);
  expect(total).toBeLessThan(LIMIT);
});
