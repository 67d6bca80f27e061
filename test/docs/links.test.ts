// Links between the pages of the repository, as files and as pages of the site.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { guideFiles } from "../../playground/docs/guide.js";
import { type Rendered, renderMarkdown } from "../../playground/docs/markdown.js";
import { GUIDE } from "../../playground/docs/pages.js";
import { cached } from "../../src/engine/cached.js";
import { PAGES, ROOT } from "./blocks.js";
import { deadLinks, linksOf } from "./links.js";

const FOLDERS = [".", "docs", "playground", ...readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}`)];
const MARKDOWN = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => posix.join(folder, name)),
);

const RENDERED = new Map<string, Rendered>();

test.each(MARKDOWN)("the links of %s lead to files and headings", (page) => {
  const { html } = rendered(page);
  const dead = linksOf(html).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", fragment] = link.split("#");
    const target = path === "" ? page : posix.join(posix.dirname(page), path);
    if (!existsSync(join(ROOT, target))) return true;
    return fragment !== undefined && !rendered(target).html.includes(`id="${fragment}"`);
  });
  expect(dead).toEqual([]);
});

test("the guide has every page, each once", () => {
  expect(GUIDE.map(({ source }) => source).sort()).toEqual([...PAGES].sort());
});

test("every link between pages of the guide, and to the files that they name, has a place to lead to", () => {
  const files = [...guideFiles()].map(([path, content]) => [path, String(content)] as const);
  const site = new Map<string, string | null>([
    ["index.html", null],
    ["favicon.svg", null],
    ["why/nan.html", null],
    ["api/index.html", null],
    ...files,
  ]);
  expect(site.size).toBeGreaterThan(GUIDE.length + 3);
  expect(deadLinks(site)).toEqual([]);
});

test("dead links are found", () => {
  const page = '<a href="b.html">1</a> <a href="b.html#here">2</a> <a href="#there">3</a> <img src="c.svg">';
  const site = new Map([
    ["x/a.html", page],
    ["x/b.html", '<h2 id="there">There</h2>'],
  ]);
  expect(deadLinks(site)).toEqual(["x/a.html -> b.html#here", "x/a.html -> #there", "x/a.html -> c.svg"]);
});

/** Pages lead to one another many times. */
function rendered(page: string): Rendered {
  return cached(RENDERED, page, () => renderMarkdown(readFileSync(join(ROOT, page), "utf8"), (link) => link));
}
