// The worker stands twice in src: as a file, and as the text that is made of it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test("worker-text.ts holds the text of worker.js: npm run build makes it anew", () => {
  const made = execFileSync(process.execPath, [at("scripts/worker-text.mjs")], { encoding: "utf8" });
  expect(readFileSync(at("src/engine/wasm/threads/worker-text.ts"), "utf8")).toBe(made);
});
