// Every TypeScript block of the README runs, on the built package, as it is printed there.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Within the package, so that "rmsprop" is the package itself.
const folder = join(root, "out", "readme");
const blocks = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code ?? "",
);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the README has code", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(4);
});

test.each(blocks.map((code, i) => ({ number: i + 1, code })))("block $number runs", ({ number, code }) => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `block-${number}.mjs`);
  writeFileSync(path, code);
  const printed = execFileSync("node", [path], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const promised = /console\.log\(.*\); \/\/ ([\d.]+)/.exec(code)?.[1];
  if (promised !== undefined) expect(printed.trim()).toBe(promised);
});
