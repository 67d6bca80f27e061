// The blocks of code of the README and the guide, and what becomes of each: every one is run by some test.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import MarkdownIt from "markdown-it";

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The pages, as paths in the repository. */
export const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync(`${ROOT}/docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  /** The second word after the fence: a row of `ELSEWHERE`, or null. */
  readonly marker: string | null;
  readonly code: string;
}

const parsed = new Map<string, readonly Block[]>();

/** All blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const blocks = parsed.get(page) ?? readBlocks(page);
  parsed.set(page, blocks);
  return blocks;
}

function readBlocks(page: string): Block[] {
  const tokens = new MarkdownIt({ html: true }).parse(readFileSync(`${ROOT}/${page}`, "utf8"), {});
  return tokens
    .filter(({ type }) => type === "fence" || type === "code_block")
    .map(({ info, content, map }) => {
      const [language = "", marker = null] = info.split(/\s+/);
      return { page, line: (map?.[0] ?? 0) + 1, language, marker, code: content };
    });
}

/** Why the blocks of a marker are not run as the others are, and which file looks after them. */
export interface Elsewhere {
  readonly marker: string;
  readonly reason: string;
  readonly runBy: string;
}

/** The blocks that cannot be run with nothing but Node. */
export const ELSEWHERE: readonly Elsewhere[] = [
  { marker: "webgpu", reason: "needs a GPU adapter (npm run test:webgpu)", runBy: "test/webgpu/docs.test.ts" },
  { marker: "setup", reason: "needs bundlers and runtimes (npm run test:setups)", runBy: "test/setups/recipes.ts" },
  { marker: "keras", reason: "needs Keras (npm run test:keras-files)", runBy: "test/keras-files/docs.ts" },
];

/** The blocks of a marker, in the order of the pages. */
export function blocksMarked(marker: string): Block[] {
  return PAGES.flatMap(blocksOf).filter((block) => block.marker === marker);
}

/** Where a block stands, for messages. */
export function placeOf({ page, line }: Pick<Block, "page" | "line">): string {
  return `${page}:${line}`;
}

const PROMISE = /console\.log\(.*\); \/\/ (.*)$/gm;
const LITERAL = /^(-?[\d.]+|true|false|[a-z0-9]+|\[.*\]|".*")(?=,|$)/;

/** The lines that comments after `console.log(...);` promise. Comments in words promise nothing. */
export function promisesOf(code: string): string[] {
  return [...code.matchAll(PROMISE)].flatMap(([, comment = ""]) => LITERAL.exec(comment)?.[1] ?? []);
}
