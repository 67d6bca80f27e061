// What is sent before a visitor asks for TensorFlow.js.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const LIMIT = 200_000;

test(`the page is less than ${LIMIT} bytes gzip`, () => {
  const files = readdirSync("out/site", { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map(({ parentPath, name }) => ({
    name,
    byteLength: gzipSync(readFileSync(`${parentPath}/${name}`)).byteLength,
  }));
  const total = sizes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  console.log(sizes.map(({ name, byteLength }) => `${name}: ${byteLength}`).join("\n"), `\ntotal: ${total}`);
  expect(sizes.some(({ name }) => name === "index.html")).toBe(true);
  expect(total).toBeLessThan(LIMIT);
});
