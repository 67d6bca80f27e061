// Everything that a program can import, and every option, stands in the README or the guide.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "../../entry-points.js";
import { PAGES, ROOT } from "./blocks.js";

const text = PAGES.map((page) => readFileSync(join(ROOT, page), "utf8")).join("\n");
const words = new Set(text.match(/[\w$]+/g));

test.each(ENTRY_POINTS)("everything that $name exports is named by a page", async ({ module }) => {
  const exported = Object.keys(await import(join(ROOT, `src/${module}.ts`)));
  expect(exported.length).toBeGreaterThan(0);
  expect(exported.filter((name) => !words.has(name))).toEqual([]);
});
