// The README in Chinese says what the README says: its blocks are those of the README, which other tests run, and it links to
// the same places.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { expect, test } from "vitest";
import { blocksOf, ROOT } from "./blocks.js";

const ENGLISH = "README.md";
const CHINESE = "README.zh-CN.md";

/** A program's text without its remarks; the numbers that they promise stay. */
const spoken = (code: string): string => code.replace(/\/\/ *([-\d.]*).*$/gm, "// $1");

function blocksIn(page: string) {
  return blocksOf(page).map(({ language, marker, code }) => ({ language, marker, code: spoken(code) }));
}

/** What a page is made of, in order: headings, items, rows of tables. */
function outlineOf(page: string): string[] {
  const tokens = new MarkdownIt({ html: true }).parse(readFileSync(join(ROOT, page), "utf8"), {});
  return tokens.flatMap(({ type, tag }) => (/^(heading|list_item|tr|fence)(_open)?$/.test(type) ? [tag] : []));
}

function targetsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return [...new Set(targets)].filter((target) => target !== ENGLISH && target !== CHINESE).sort();
}

test("the blocks of the Chinese README are those of the English one", () => {
  expect(blocksIn(CHINESE).length).toBeGreaterThan(10);
  expect(blocksIn(CHINESE)).toEqual(blocksIn(ENGLISH));
});

test("it has the same headings, items and rows in the same order", () => {
  expect(outlineOf(CHINESE)).toEqual(outlineOf(ENGLISH));
});

test("it links to the same pages, and each README to the other", () => {
  expect(targetsOf(CHINESE)).toEqual(targetsOf(ENGLISH));
  expect(readFileSync(join(ROOT, ENGLISH), "utf8")).toContain(`](${CHINESE})`);
  expect(readFileSync(join(ROOT, CHINESE), "utf8")).toContain(`](${ENGLISH})`);
});

test("the numbers in its tables are those of the English tables", () => {
  const cells = (page: string): string[] =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/\| +([\d.]+) +(?=\|)/g)].map(([, number = ""]) => number);
  expect(cells(CHINESE).length).toBeGreaterThan(5);
  expect(cells(CHINESE)).toEqual(cells(ENGLISH));
});
