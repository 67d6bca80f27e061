// Every TypeScript block of docs/jax.md runs as it is printed there, and prints what it promises.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "out", "jax-docs");
const text = readFileSync(join(root, "docs", "jax.md"), "utf8");
const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code], i) => ({ number: i + 1, code: code ?? "" }));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there are three blocks", () => {
  expect(blocks).toHaveLength(3);
});

test.each(blocks)("block $number runs", ({ number, code }) => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `block-${number}.mts`);
  writeFileSync(path, code);
  const tsx = join(root, "node_modules", ".bin", "tsx");
  const printed = execFileSync(tsx, ["--tsconfig", join(root, "tsconfig.json"), path], { cwd: root, encoding: "utf8" });
  const promised = /console\.log\(.*\); \/\/ (\S+)/.exec(code)?.[1];
  expect(printed.trim()).toBe(promised ?? "");
});
