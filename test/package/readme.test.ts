// Every TypeScript block of the README and of docs/checkpoints.md runs, on the built package, as it is printed there. Other
// guides are run by the tests of their faces.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Within the package, so that "rmsprop" is the package itself.
const folder = join(root, "out", "readme");
const blocks = ["README.md", "docs/checkpoints.md"].flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""], i) => ({
    ...{ page, number: i + 1, code },
  })),
);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the pages have code", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(8);
});

test.each(blocks)("block $number of $page runs", ({ number, code }) => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `block-${number}.mjs`);
  writeFileSync(path, code);
  const printed = execFileSync("node", [path], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const promised = /console\.log\(.*\); \/\/ ([\d.]+)/.exec(code)?.[1];
  if (promised !== undefined) expect(printed.trim()).toBe(promised);
});
